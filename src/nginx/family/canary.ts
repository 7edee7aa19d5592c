import { type Family, notRead } from '../family.ts';
import { bool, characters, int, text } from '../form.ts';

const annotations = {
  canary: {
    name: 'canary',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'adapt',
    form: bool,
    doc: 'Needs a merge step over Ingresses (same host+path+type, by SERVICE).',
  },
  canaryWeight: {
    name: 'canary-weight',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: '`weighted_clusters`.',
  },
  canaryWeightTotal: {
    name: 'canary-weight-total',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'Values under 100 count as 100.',
  },
  canaryByHeader: {
    name: 'canary-by-header',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'Routes with header match `always` / `never` before the weighted route.',
  },
  canaryByHeaderValue: {
    name: 'canary-by-header-value',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'Header exact match, then fall through.',
  },
  canaryByHeaderPattern: {
    name: 'canary-by-header-pattern',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.regex, 'a regular expression'),
    doc: 'Safe_regex (RE2, full match: wrap).',
  },
  canaryByCookie: {
    name: 'canary-by-cookie',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'Header match on cookie (regex) or `cookie` matcher.',
  },
} as const satisfies Family['annotations'];

export const canary: Family = { name: 'canary', annotations, read: notRead };
