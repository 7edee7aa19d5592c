import { anyText, bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Connections of clients and to backends. */
export const connectionsSettings = {
  'client-body-timeout': setting('near', int, 60, 'Seconds without a byte of a body after which the request is answered with 408.'),
  'client-header-timeout': setting('near', int, 60, 'Seconds that the head of a request may take; then 408.'),
  'http2-max-concurrent-streams': setting('near', int, 128, 'How many requests a connection of HTTP/2 has at once.'),
  'http2-max-field-size': setting('near', anyText, '', 'The largest header of HTTP/2. nginx itself has given it up for `large-client-header-buffers`.'),
  'http2-max-header-size': setting(
    'near',
    anyText,
    '',
    'The largest head of a request of HTTP/2. nginx itself has given it up for `large-client-header-buffers`.',
  ),
  'http2-max-requests': setting('near', int, 0, 'How many requests a connection of HTTP/2 serves. nginx itself has given it up for `keep-alive-requests`.'),
  'keep-alive': setting(
    'near',
    int,
    75,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'keep-alive-requests': setting('near', int, 1000, 'How many requests a connection of a client serves before it is closed.'),
  'large-client-header-buffers': setting(
    'near',
    anyText,
    '4 8k',
    'Number and size of the buffers for the head of a request: a first line above one is 414, a header 400.',
  ),
  'upstream-keepalive-connections': setting('near', int, 320, 'How many idle connections to backends each worker keeps.'),
  'upstream-keepalive-requests': setting('near', int, 10000, 'How many requests a connection to a backend serves before it is closed.'),
  'upstream-keepalive-time': setting('near', anyText, '1h', 'How long a connection to a backend is used at most.'),
  'upstream-keepalive-timeout': setting('near', int, 60, 'Seconds after which an idle connection to a backend is closed.'),
  'use-http2': setting('near', bool, true, 'Whether HTTP/2 is offered over TLS.'),
} as const;
