import { anyText, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Limits of requests. */
export const limitsSettings = {
  'limit-conn-status-code': setting('exact', int, 503, '`local_ratelimit` status.'),
  'limit-conn-zone-variable': setting('near', anyText, '$binary_remote_addr', 'Rate-limit key.'),
  'limit-req-status-code': setting('exact', int, 503, '`local_ratelimit` status.'),
} as const;
