import { anyText } from '../form.ts';
import { setting } from '../setting.ts';

/** Text of nginx configuration. */
export const snippetsSettings = {
  'http-snippet': setting('report', anyText, '', 'Not done: it is code of nginx. Say what it is for with annotations, settings, an HTTPRoute or a policy.'),
  'location-snippet': setting('report', anyText, '', 'Not done: it is code of nginx. Say what it is for with annotations, settings, an HTTPRoute or a policy.'),
  'main-snippet': setting('report', anyText, '', 'Not done: it is code of nginx. Say what it is for with annotations, settings, an HTTPRoute or a policy.'),
  'modsecurity-snippet': setting(
    'report',
    anyText,
    '',
    'Not done: it is code of nginx. Say what it is for with annotations, settings, an HTTPRoute or a policy.',
  ),
  'server-snippet': setting('report', anyText, '', 'Not done: it is code of nginx. Say what it is for with annotations, settings, an HTTPRoute or a policy.'),
  'stream-snippet': setting('report', anyText, '', 'Not done: it is code of nginx. Say what it is for with annotations, settings, an HTTPRoute or a policy.'),
} as const;
