import { anyText, bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Plain TCP and UDP. */
export const streamsSettings = {
  'proxy-stream-next-upstream': setting('near', bool, true, 'Tcp_proxy / udp_proxy options.'),
  'proxy-stream-next-upstream-timeout': setting('near', anyText, '600s', 'Tcp_proxy / udp_proxy options.'),
  'proxy-stream-next-upstream-tries': setting('near', int, 3, 'Tcp_proxy / udp_proxy options.'),
  'proxy-stream-responses': setting('near', int, 1, 'Tcp_proxy / udp_proxy options.'),
  'proxy-stream-timeout': setting('near', anyText, '600s', 'Tcp_proxy / udp_proxy options.'),
} as const;
