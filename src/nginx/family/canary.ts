import { isPcreAlone } from '../expression.ts';
import { type Family, valueOrIgnored } from '../family.ts';
import { bool, characters, int, text } from '../form.ts';

const word = text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true });

const annotations = {
  canary: {
    name: 'canary',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'The Ingress has no paths of its own: its Services take a part of the requests of the Services that stand at the same host, path and type. All other annotations of it are ignored, but for those that shape its own Services.',
  },
  canaryWeight: {
    name: 'canary-weight',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'Share of the requests that go to the canary, of `canary-weight-total`.',
  },
  canaryWeightTotal: {
    name: 'canary-weight-total',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'What `canary-weight` is a share of; below 100 it counts as 100.',
  },
  canaryByHeader: {
    name: 'canary-by-header',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: word,
    doc: 'Header that sends requests with `always` to the canary and those with `never` to the main Service; with any other value the cookie, then the weight decide.',
  },
  canaryByHeaderValue: {
    name: 'canary-by-header-value',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: word,
    doc: 'Value of the header of `canary-by-header` that sends requests to the canary, instead of `always` and `never`.',
  },
  canaryByHeaderPattern: {
    name: 'canary-by-header-pattern',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.regex, 'a regular expression'),
    doc: 'Regular expression, to be found anywhere in the header of `canary-by-header`, that sends requests to the canary. It counts only without `canary-by-header-value`.',
    difference: {
      example: 'GET / with the header',
      holdsFor: isPcreAlone,
      nginx: 'Expressions are PCRE, with look-ahead and back references.',
      sluice: 'Expressions are RE2; one that RE2 does not know matches nothing and is reported.',
      remedy: 'Write the expression without look-ahead and back references.',
    },
  },
  canaryByCookie: {
    name: 'canary-by-cookie',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: word,
    doc: 'Cookie that sends requests with `always` to the canary and those with `never` to the main Service; with any other value the weight decides.',
  },
} as const satisfies Family['annotations'];

/** Which requests a canary takes: the header decides before the cookie, the cookie before the weight. */
export interface CanaryConfig {
  /** Share of the requests: weight / weightTotal; may be below 0 or above the total. */
  readonly weight: number;
  /** At least 100. */
  readonly weightTotal: number;
  /** Undefined: no header decides. `always` and `never` decide where neither `value` nor `pattern` is there. */
  readonly header?: { readonly name: string; readonly value?: string; readonly pattern?: string };
  /** Name of the cookie. */
  readonly cookie?: string;
}

/** Without `canary: "true"` the others mean nothing; a wrong value counts as none. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary */
export const canary: Family<CanaryConfig> = {
  name: 'canary',
  annotations,
  read(reader) {
    const isCanary = valueOrIgnored(reader, annotations.canary) ?? false;
    const weight = valueOrIgnored(reader, annotations.canaryWeight) ?? 0;
    const weightTotal = valueOrIgnored(reader, annotations.canaryWeightTotal) ?? 100;
    const name = valueOrIgnored(reader, annotations.canaryByHeader);
    const value = valueOrIgnored(reader, annotations.canaryByHeaderValue);
    const pattern = valueOrIgnored(reader, annotations.canaryByHeaderPattern);
    const cookie = valueOrIgnored(reader, annotations.canaryByCookie);
    if (!isCanary) {
      const isConfigured = weight > 0 || [name, value, pattern, cookie].some((one) => one !== undefined);
      return isConfigured ? { type: 'nothing', mistake: { annotation: 'canary', message: 'a canary is described, and not switched on' } } : { type: 'nothing' };
    }
    // A pattern counts only without a value.
    const decides = value === undefined ? (pattern === undefined ? {} : { pattern }) : { value };
    const header = name === undefined ? {} : { header: { name, ...decides } };
    return { type: 'config', config: { weight, weightTotal: Math.max(weightTotal, 100), ...header, ...(cookie === undefined ? {} : { cookie }) } };
  },
};
