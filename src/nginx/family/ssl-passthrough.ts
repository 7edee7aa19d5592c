import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  sslPassthrough: {
    name: 'ssl-passthrough',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'With the flag `--enable-ssl-passthrough`: connections for the host name go as raw TLS to the Service of its path `/`.',
  },
} as const satisfies Family['annotations'];

export const sslPassthrough: Family = { name: 'ssl-passthrough', annotations, read: notRead };
