import { nginxDuration, positiveNginxDuration } from '../duration.ts';
import { bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Plain TCP and UDP. */
export const streamsSettings = {
  'proxy-stream-next-upstream': setting('near', bool, true, 'Whether a connection of `tcp-services` that cannot be made is tried with another endpoint.'),
  'proxy-stream-next-upstream-timeout': setting(
    'near',
    nginxDuration,
    600_000,
    'How long endpoints are tried: as many as would take that long if each took the one second that a connection may take.',
  ),
  'proxy-stream-next-upstream-tries': setting('near', int, 3, 'How many endpoints are tried, the first included.'),
  'proxy-stream-responses': setting(
    'near',
    int,
    1,
    'How many datagrams a backend of `udp-services` answers with. With one or none each datagram goes to the endpoint that is next, and an answer may take ten seconds, or `proxy-stream-timeout` if that is less. With more, all of one address and port go to one endpoint until they are silent for `proxy-stream-timeout`, however many answers came.',
  ),
  'proxy-stream-timeout': setting(
    'near',
    positiveNginxDuration,
    600_000,
    'How long a connection of `tcp-services` may be silent; ten minutes, here in milliseconds, unless it is written.',
  ),
} as const;
