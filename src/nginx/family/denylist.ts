import type { Annotation } from '../annotation.ts';
import { cidrList } from '../cidr.ts';
import type { Family } from '../family.ts';
import { readSourceRanges } from '../source-ranges.ts';

const annotation: Annotation<readonly string[]> = {
  name: 'denylist-source-range',
  scope: 'location',
  risk: 'Medium',
  verdict: 'exact',
  form: cidrList,
  doc: 'Clients with an address in one of these networks get 403, also those that an allow list names. A list that cannot be read closes the paths with 503.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#denylist-source-range */
export const denylist: Family<readonly string[]> = {
  name: 'denylist',
  annotations: { denylistSourceRange: annotation as Annotation },
  read: (reader) => readSourceRanges(reader, annotation, 'denylist-source-range'),
};
