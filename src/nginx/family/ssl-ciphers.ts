import { type Family, notRead } from '../family.ts';
import { anyText, bool } from '../form.ts';

const annotations = {
  sslPreferServerCiphers: {
    name: 'ssl-prefer-server-ciphers',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: "BoringSSL always prefers the server's order.",
  },
  sslCiphers: {
    name: 'ssl-ciphers',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'near',
    form: anyText,
    doc: 'Ciphers of TLS 1.2 that clients of the host name may use.',
  },
} as const satisfies Family['annotations'];

export const sslCiphers: Family = { name: 'ssl-ciphers', annotations, read: notRead };
