import { anyText, bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Connections of clients and to backends. */
export const connectionsSettings = {
  'client-body-timeout': setting(
    'near',
    int,
    60,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'client-header-timeout': setting(
    'near',
    int,
    60,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'http2-max-concurrent-streams': setting(
    'near',
    int,
    128,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'http2-max-field-size': setting(
    'near',
    anyText,
    '',
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'http2-max-header-size': setting(
    'near',
    anyText,
    '',
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'http2-max-requests': setting(
    'near',
    int,
    0,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'keep-alive': setting(
    'near',
    int,
    75,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'keep-alive-requests': setting(
    'near',
    int,
    1000,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'large-client-header-buffers': setting(
    'near',
    anyText,
    '4 8k',
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'upstream-keepalive-connections': setting(
    'near',
    int,
    320,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'upstream-keepalive-requests': setting(
    'near',
    int,
    10000,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'upstream-keepalive-time': setting(
    'near',
    anyText,
    '1h',
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'upstream-keepalive-timeout': setting(
    'near',
    int,
    60,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
  'use-http2': setting(
    'near',
    bool,
    true,
    'Codec limits and keep-alive: `max_connection_duration`, `idle_timeout`, `max_requests_per_connection`, http2 options.',
  ),
} as const;
