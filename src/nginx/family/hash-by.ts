import { type Family, refusalOf, valueOrIgnored } from '../family.ts';
import { bool, characters, int, text } from '../form.ts';

const annotations = {
  upstreamHashBy: {
    name: 'upstream-hash-by',
    scope: 'location',
    risk: 'High',
    verdict: 'near',
    form: text(characters.variable, 'letters, digits, `-`, `_` and variables of nginx', { ignoresSpaces: true }),
    doc: 'Requests with the same values of variables go to the same endpoint: `$request_uri`, `$host`, `$remote_addr`, `$http_*`, `$arg_*` or `$cookie_*`, several of them, and text between; those without a value go to one endpoint. Of Ingresses with the same Service and port the oldest decides, for all of them.',
    difference: {
      example: 'GET / twice',
      holdsFor: (text) => hashVariables(text)?.length !== 1,
      nginx: 'Hashes the text with the values of all its variables, whichever they are.',
      sluice:
        'Hashes the values one after the other: requests with the same values go to the same endpoint, too. With a variable that Envoy cannot hash endpoints are chosen as without the annotation, which is reported.',
      remedy: 'None is needed, unless a variable is reported: then name those that matter most.',
    },
  },
  upstreamHashBySubset: {
    name: 'upstream-hash-by-subset',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'A value stays with one endpoint, not with a subset of them.',
    difference: {
      example: 'GET / twice',
      nginx: 'Spreads the requests for a value over some of the endpoints.',
      sluice: 'Sends all requests for a value to one endpoint.',
      remedy: 'None is needed for caches; where one value has very many requests, leave `upstream-hash-by` out.',
    },
  },
  upstreamHashBySubsetSize: {
    name: 'upstream-hash-by-subset-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'The size of the subset of `upstream-hash-by-subset`.',
    difference: {
      example: 'GET / many times',
      nginx: 'Spreads the requests for a value over so many endpoints, 3 by default.',
      sluice: 'Sends all requests for a value to one endpoint.',
      remedy: 'As `upstream-hash-by-subset`.',
    },
  },
} as const satisfies Family['annotations'];

/** What of a request tells which endpoint it goes to. */
export type HashVariable =
  | { readonly type: 'uri' | 'host' | 'clientAddress' }
  /** Header names in lower case. */
  | { readonly type: 'header' | 'query' | 'cookie'; readonly name: string };

/** Those of a text, in order; none where it has none. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-nginx-upstream-hashing */
export const hashBy: Family<readonly HashVariable[]> = {
  name: 'hash-by',
  annotations,
  read(reader) {
    const refusal = refusalOf(reader, Object.values(annotations));
    if (refusal) return refusal;
    const written = valueOrIgnored(reader, annotations.upstreamHashBy);
    if (written === undefined) return { type: 'nothing' };
    const config = hashVariables(written);
    if (config) return { type: 'config', config };
    const message = `of ${JSON.stringify(written)} not every variable can be hashed`;
    return { type: 'nothing', mistake: { annotation: 'upstream-hash-by', message, isUnsupported: true } };
  },
};

/** Text between variables is the same in every request. Undefined: Envoy cannot hash one of them. */
function hashVariables(written: string): readonly HashVariable[] | undefined {
  const variables = [...written.matchAll(/\$\{(\w+)\}|\$(\w+)/g)].map(([, braced, plain]) => hashVariable(braced ?? plain ?? ''));
  return variables.some((variable) => variable === undefined) ? undefined : variables.filter((variable) => variable !== undefined);
}

function hashVariable(variable: string): HashVariable | undefined {
  if (variable === 'request_uri') return { type: 'uri' };
  if (variable === 'host' || variable === 'http_host') return { type: 'host' };
  if (variable === 'remote_addr' || variable === 'binary_remote_addr') return { type: 'clientAddress' };
  const [, kind, name] = /^(http|arg|cookie)_(\w+)$/.exec(variable) ?? [];
  if (name === undefined) return undefined;
  if (kind === 'http') return { type: 'header', name: name.toLowerCase().replaceAll('_', '-') };
  return { type: kind === 'arg' ? 'query' : 'cookie', name };
}
