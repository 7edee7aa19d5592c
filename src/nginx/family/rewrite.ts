import { type Family, notRead } from '../family.ts';
import { bool, characters, text } from '../form.ts';

const annotations = {
  rewriteTarget: {
    name: 'rewrite-target',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.pathWithCapture, 'a path, with `$1` and so on for groups'),
    doc: '`regex_rewrite` over `(?i)`; RE2; decoding differs; values with ? are refused by nginx itself.',
  },
  sslRedirect: {
    name: 'ssl-redirect',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Same, only when the host has a certificate.',
  },
  preserveTrailingSlash: {
    name: 'preserve-trailing-slash',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: bool,
    doc: 'Plain redirect without the cut.',
  },
  forceSslRedirect: {
    name: 'force-ssl-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: bool,
    doc: 'Route on scheme -> redirect 308; trailing slash rule needs two routes.',
  },
  useRegex: {
    name: 'use-regex',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Safe_regex with (?i) and trailing .* for EVERY path of the host.',
  },
  appRoot: {
    name: 'app-root',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.pathWithCapture, 'a path, with `$1` and so on for groups'),
    doc: 'Route path `/` exact -> `redirect` 302, `path_redirect`, host kept with port, `strip_query`; must be added for the WHOLE host.',
  },
} as const satisfies Family['annotations'];

export const rewrite: Family = { name: 'rewrite', annotations, read: notRead };
