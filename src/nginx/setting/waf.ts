import { bool } from '../form.ts';
import { setting } from '../setting.ts';

/** Web application firewall. */
export const wafSettings = {
  'enable-modsecurity': setting('report', bool, false, 'WAF.'),
  'enable-owasp-modsecurity-crs': setting('report', bool, false, 'WAF.'),
} as const;
