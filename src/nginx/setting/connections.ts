import { nginxDuration } from '../duration.ts';
import { anyText, bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Connections of clients and to backends. */
export const connectionsSettings = {
  'client-body-timeout': setting(
    'near',
    int,
    60,
    'Seconds that the body of a request may stall; then 408. Not shorter than all tries of a backend may take, `proxy-read-timeout` times `proxy-next-upstream-tries`, as Envoy has one clock for both; where time-outs are not tried again, it is `proxy-read-timeout`.',
  ),
  'client-header-timeout': setting('near', int, 60, 'Seconds that the head of a request may take; then 408. Ten where nothing is said.'),
  'http2-max-concurrent-streams': setting('near', int, 128, 'How many requests a connection of HTTP/2 has at once. 100 where nothing is said.'),
  'http2-max-field-size': setting('noop', anyText, '', 'The largest header of HTTP/2. nginx itself has given it up for `large-client-header-buffers`.'),
  'http2-max-header-size': setting(
    'noop',
    anyText,
    '',
    'The largest head of a request of HTTP/2. nginx itself has given it up for `large-client-header-buffers`.',
  ),
  'http2-max-requests': setting('noop', int, 0, 'How many requests a connection of HTTP/2 serves. nginx itself has given it up for `keep-alive-requests`.'),
  'keep-alive': setting(
    'near',
    int,
    75,
    'Seconds without a request after which a connection of a client is closed; 0: it serves one request. Where nothing is said 900: longer than load balancers keep theirs.',
  ),
  'keep-alive-requests': setting('near', int, 1000, 'How many requests a connection of a client serves before it is closed. Any number where nothing is said.'),
  'large-client-header-buffers': setting(
    'near',
    anyText,
    '4 8k',
    'Number and size of the buffers for the head of a request. Envoy looks at all of it together: what is larger than all buffers is answered with 400. 60 KiB where nothing is said, and 431.',
  ),
  'upstream-keepalive-connections': setting(
    'near',
    int,
    320,
    'How many idle connections to backends each worker keeps: Envoy keeps all until they were idle for long enough; with 0 each serves one request.',
  ),
  'upstream-keepalive-requests': setting(
    'near',
    int,
    10000,
    'How many requests a connection to a backend serves before it is closed. Any number where nothing is said.',
  ),
  'upstream-keepalive-time': setting('near', nginxDuration, 3_600_000, 'How long a connection to a backend is used at most. Any time where nothing is said.'),
  'upstream-keepalive-timeout': setting(
    'near',
    int,
    60,
    'Seconds after which an idle connection to a backend is closed. It only makes that earlier: Sluice closes them before backends do, as their BackendPolicy says, else after 4 s.',
  ),
  'use-http2': setting('near', bool, true, 'Whether HTTP/2 is offered over TLS.'),
} as const;
