import { anyText, bool } from '../form.ts';
import { setting } from '../setting.ts';

/** TLS towards clients. */
export const tlsSettings = {
  'enable-ocsp': setting('near', bool, false, 'Whether answers of OCSP are stapled to certificates.'),
  'ssl-ciphers': setting(
    'near',
    anyText,
    'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384',
    'Ciphers of TLS 1.2 that clients may use, in order of preference.',
  ),
  'ssl-dh-param': setting('report', anyText, '', 'Not done: Envoy has no key exchange by finite fields (DHE).'),
  'ssl-early-data': setting('report', bool, false, 'Not done: Envoy takes no requests in the early data of TLS 1.3.'),
  'ssl-ecdh-curve': setting('near', anyText, 'auto', 'Curves of the key exchange.'),
  'ssl-protocols': setting('near', anyText, 'TLSv1.2 TLSv1.3', 'Versions of TLS that clients may speak.'),
  'ssl-reject-handshake': setting('near', bool, false, 'Whether connections for host names that nobody has are refused.'),
  'ssl-session-ticket-key': setting('near', anyText, '', 'The key of session tickets.'),
  'ssl-session-tickets': setting('near', bool, false, 'Whether sessions of TLS are taken up again by tickets.'),
  'ssl-session-timeout': setting('near', anyText, '10m', 'How long sessions of TLS can be taken up again.'),
} as const;
