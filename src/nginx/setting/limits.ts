import { anyText, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Limits of requests. */
export const limitsSettings = {
  'limit-conn-status-code': setting('report', int, 503, 'Not read, as `limit-connections` is not done.'),
  'limit-conn-zone-variable': setting('report', anyText, '$binary_remote_addr', 'Not read, as `limit-connections` is not done.'),
  'limit-req-status-code': setting('exact', int, 503, 'The status of requests above `limit-rps` and `limit-rpm`.'),
} as const;
