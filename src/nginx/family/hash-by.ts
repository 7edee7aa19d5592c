import { type Family, valueOrIgnored } from '../family.ts';
import { anyText, bool, int } from '../form.ts';

const annotations = {
  upstreamHashBy: {
    name: 'upstream-hash-by',
    scope: 'location',
    risk: 'High',
    verdict: 'near',
    form: anyText,
    doc: 'Requests with the same value of a variable go to the same endpoint: `$request_uri`, `$host`, `$remote_addr`, `$http_*`, `$arg_*` or `$cookie_*`; those without one go to one endpoint. Of Ingresses with the same Service and port the oldest decides, for all of them.',
    difference: {
      example: 'GET / twice',
      holdsFor: (text) => hashVariable(text) === undefined,
      nginx: 'Texts of several variables are hashed as a whole.',
      sluice: 'One variable is hashed; for anything else endpoints are chosen as without the annotation, which is reported.',
      remedy: 'Name the variable that matters most.',
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

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-nginx-upstream-hashing */
export const hashBy: Family<HashVariable> = {
  name: 'hash-by',
  annotations,
  read(reader) {
    const written = valueOrIgnored(reader, annotations.upstreamHashBy);
    if (written === undefined) return { type: 'nothing' };
    const config = hashVariable(written);
    if (config) return { type: 'config', config };
    const message = `${JSON.stringify(written)} is not a single variable that can be hashed`;
    return { type: 'nothing', mistake: { annotation: 'upstream-hash-by', message, isUnsupported: true } };
  },
};

function hashVariable(written: string): HashVariable | undefined {
  const text = written.trim().replace(/^\$\{(\w+)\}$/, '$$$1');
  if (text === '$request_uri') return { type: 'uri' };
  if (text === '$host' || text === '$http_host') return { type: 'host' };
  if (text === '$remote_addr' || text === '$binary_remote_addr') return { type: 'clientAddress' };
  const [, kind, name] = /^\$(http|arg|cookie)_(\w+)$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (kind === 'http') return { type: 'header', name: name.toLowerCase().replaceAll('_', '-') };
  return { type: kind === 'arg' ? 'query' : 'cookie', name };
}
