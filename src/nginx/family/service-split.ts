import type { Family } from '../family.ts';
import type { Form } from '../form.ts';

/** How the Services that share a path of one Ingress share its requests. */
export interface ServiceSplit {
  /** By Service; one that is not in it has 100. Undefined: no weights are written. */
  readonly weights: ReadonlyMap<string, number> | undefined;
  /** What requests must be like to reach a Service at all. */
  readonly matches: readonly ServiceMatch[];
}

/** A condition on requests: a text that the value is, or a regular expression that is found in it. */
export interface ServiceMatch {
  readonly service: string;
  readonly of: 'header' | 'cookie' | 'query';
  readonly name: string;
  readonly value: { readonly type: 'exact' | 'regex'; readonly text: string };
}

const weights: Form<ReadonlyMap<string, number>> = {
  doc: 'weights: `new: 20, old: 60`',
  accepts: () => true,
  read(text) {
    const pairs = text.split(/[,\n]/).filter((part) => part.trim() !== '');
    const read = pairs.map((pair) => /^\s*([a-z0-9-]+)\s*:\s*(\d{1,6})\s*$/.exec(pair));
    return read.includes(null) || read.length === 0 ? undefined : new Map(read.map((found) => [found?.[1] ?? '', Number(found?.[2])]));
  },
};

const oneMatch = /\s*([a-z0-9-]+)\s*:\s*(header|cookie|query)\(\s*"([^"]+)"\s*,\s*(?:\/((?:[^/\\]|\\.)*)\/|"([^"]*)")\s*\)\s*,?/y;

const matches: Form<readonly ServiceMatch[]> = {
  doc: 'conditions: `new: header("user", /^test$/)`, with `cookie` and `query` too, and `"text"` for the whole value',
  accepts: () => true,
  read(text) {
    const found: ServiceMatch[] = [];
    oneMatch.lastIndex = 0;
    while (oneMatch.lastIndex < text.length) {
      const [, service = '', of, name = '', regex, exact = ''] = oneMatch.exec(text) ?? [];
      if (of !== 'header' && of !== 'cookie' && of !== 'query') return undefined;
      found.push({ service, of, name, value: regex === undefined ? { type: 'exact', text: exact } : { type: 'regex', text: regex } });
    }
    return found.length === 0 ? undefined : found;
  },
};

const annotations = {
  serviceWeight: {
    name: 'service-weight',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: weights,
    doc: "Of Alibaba's ACK, read with `--ingress-dialect ack`: the weights of the Services that share a path within the Ingress. Each gets its weight of the sum of all; one that is not named has 100.",
  },
  serviceMatch: {
    name: 'service-match',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: matches,
    doc: "Of Alibaba's ACK, read with `--ingress-dialect ack`: only requests that fit a header, a cookie or a query parameter reach the Service. With `service-weight` the weights hold among those; all others go to the Services without a condition, also where these have the weight 0.",
    difference: {
      example: 'GET / with a header that fits an expression of PCRE alone',
      nginx: 'Matches by PCRE.',
      sluice: 'Matches by RE2, and tells of an expression that RE2 does not have.',
      remedy: 'Write the expression without look-around and back references.',
    },
  },
} as const satisfies Family['annotations'];

/** @see https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-ingresses-to-implement-canary-releases */
export const serviceSplit: Family<ServiceSplit> = {
  name: 'service-split',
  annotations,
  read(reader) {
    const found = { weights: reader.find(annotations.serviceWeight), matches: reader.find(annotations.serviceMatch) };
    if (found.weights.type === 'missing' && found.matches.type === 'missing') return { type: 'nothing' };
    if (reader.controller.flags.dialect === 'nginx') {
      const { name } = found.weights.type === 'missing' ? annotations.serviceMatch : annotations.serviceWeight;
      return { type: 'nothing', mistake: { annotation: name, message: "it is of Alibaba's ACK, whose annotations `--ingress-dialect ack` reads" } };
    }
    for (const one of [found.weights, found.matches]) if (one.type === 'refused' || one.type === 'unreadable') reader.ignore(one.mistake);
    return {
      type: 'config',
      config: {
        weights: found.weights.type === 'value' ? found.weights.value : undefined,
        matches: found.matches.type === 'value' ? found.matches.value : [],
      },
    };
  },
};
