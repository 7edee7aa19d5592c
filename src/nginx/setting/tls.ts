import { nginxDuration } from '../duration.ts';
import { anyText, bool } from '../form.ts';
import { setting } from '../setting.ts';

/** TLS towards clients. */
export const tlsSettings = {
  'enable-ocsp': setting(
    'near',
    bool,
    false,
    'An answer of OCSP under `tls.ocsp-staple` of the Secret of a certificate is shown to clients, whether this is written or not. Sluice itself asks no authority: let what renews the certificate write it there.',
  ),
  'ssl-ciphers': setting(
    'near',
    anyText,
    'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384',
    'Ciphers of TLS 1.2 that clients may use, in order of preference. Those that Envoy does not know are left out; where none is left TLS 1.3 alone is spoken.',
  ),
  'ssl-dh-param': setting('report', anyText, '', 'Not done: Envoy has no key exchange by finite fields (DHE).'),
  'ssl-early-data': setting('report', bool, false, 'Not done: Envoy takes no requests in the early data of TLS 1.3.'),
  'ssl-ecdh-curve': setting('near', anyText, 'auto', 'Groups of the key exchange, with `:` between; those that Envoy does not know are left out.'),
  'ssl-protocols': setting('near', anyText, 'TLSv1.2 TLSv1.3', 'Versions of TLS that clients may speak. Of a list with a gap the versions above it hold.'),
  'ssl-reject-handshake': setting('near', bool, false, 'Whether connections for host names that nobody has, and those that name none, are refused.'),
  'ssl-session-ticket-key': setting(
    'near',
    anyText,
    '',
    'The key of 80 bytes, as base64, that seals tickets of TLS: sessions are taken up again by every Envoy, also after a restart. Envoys get it as a secret. A key of 48 bytes, which nginx takes for AES-128, they cannot have: then each makes keys of its own.',
  ),
  'ssl-session-tickets': setting('near', bool, false, 'Whether sessions of TLS are taken up again by tickets. They are where nothing is said.'),
  'ssl-session-timeout': setting('near', nginxDuration, 600_000, 'How long sessions of TLS can be taken up again. Two hours where nothing is said.'),
} as const;
