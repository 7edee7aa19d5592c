import { anyText, bool } from '../form.ts';
import { setting } from '../setting.ts';

/** TLS towards clients. */
export const tlsSettings = {
  'enable-ocsp': setting('near', bool, false, 'DownstreamTlsContext (BoringSSL: names, curves and versions differ).'),
  'ssl-ciphers': setting(
    'near',
    anyText,
    'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384',
    'DownstreamTlsContext (BoringSSL: names, curves and versions differ).',
  ),
  'ssl-dh-param': setting('report', anyText, '', 'No counterpart in Envoy.'),
  'ssl-early-data': setting('report', bool, false, 'No counterpart in Envoy.'),
  'ssl-ecdh-curve': setting('near', anyText, 'auto', 'DownstreamTlsContext (BoringSSL: names, curves and versions differ).'),
  'ssl-protocols': setting('near', anyText, 'TLSv1.2 TLSv1.3', 'DownstreamTlsContext (BoringSSL: names, curves and versions differ).'),
  'ssl-reject-handshake': setting('near', bool, false, 'DownstreamTlsContext (BoringSSL: names, curves and versions differ).'),
  'ssl-session-ticket-key': setting('near', anyText, '', 'DownstreamTlsContext (BoringSSL: names, curves and versions differ).'),
  'ssl-session-tickets': setting('near', bool, false, 'DownstreamTlsContext (BoringSSL: names, curves and versions differ).'),
  'ssl-session-timeout': setting('near', anyText, '10m', 'DownstreamTlsContext (BoringSSL: names, curves and versions differ).'),
} as const;
