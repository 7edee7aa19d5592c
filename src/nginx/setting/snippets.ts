import { anyText } from '../form.ts';
import { setting } from '../setting.ts';

/** Text of nginx configuration. */
export const snippetsSettings = {
  'http-snippet': setting('report', anyText, '', 'Nginx code.'),
  'location-snippet': setting('report', anyText, '', 'Nginx code.'),
  'main-snippet': setting('report', anyText, '', 'Nginx code.'),
  'modsecurity-snippet': setting('report', anyText, '', 'Nginx code.'),
  'server-snippet': setting('report', anyText, '', 'Nginx code.'),
  'stream-snippet': setting('report', anyText, '', 'Nginx code.'),
} as const;
