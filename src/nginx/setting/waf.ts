import { bool } from '../form.ts';
import { setting } from '../setting.ts';

/** Web application firewall. */
export const wafSettings = {
  'enable-modsecurity': setting('report', bool, false, 'Not done: Envoy has no web application firewall. Put another one in the way before you move.'),
  'enable-owasp-modsecurity-crs': setting(
    'report',
    bool,
    false,
    'Not done: Envoy has no web application firewall. Put another one in the way before you move.',
  ),
} as const;
