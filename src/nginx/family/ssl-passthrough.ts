import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  sslPassthrough: {
    name: 'ssl-passthrough',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Tls_inspector + filter chain by SNI -> tcp_proxy.',
  },
} as const satisfies Family['annotations'];

export const sslPassthrough: Family = { name: 'ssl-passthrough', annotations, read: notRead };
