import type { Annotation } from '../annotation.ts';
import { cidrList } from '../cidr.ts';
import type { Family } from '../family.ts';
import { readSourceRanges } from '../source-ranges.ts';

const annotation: Annotation<readonly string[]> = {
  name: 'allowlist-source-range',
  aliases: ['whitelist-source-range'],
  scope: 'location',
  risk: 'Medium',
  verdict: 'exact',
  form: cidrList,
  doc: 'Only clients with an address in one of these networks are served; others get 403. A list that cannot be read closes the paths with 503.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#allowlist-source-range */
export const allowlist: Family<readonly string[]> = {
  name: 'allowlist',
  annotations: { allowlistSourceRange: annotation as Annotation },
  read: (reader) => readSourceRanges(reader, annotation, 'whitelist-source-range'),
};
