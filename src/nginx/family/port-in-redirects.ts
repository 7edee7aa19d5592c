import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  usePortInRedirects: {
    name: 'use-port-in-redirects',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: '`port_redirect`.',
  },
} as const satisfies Family['annotations'];

export const portInRedirects: Family = { name: 'port-in-redirects', annotations, read: notRead };
