import { typed } from '../../proto/message.ts';
import { uint32 } from '../../proto/values.ts';
import type { Filter } from './filter.ts';

/**
 * Takes a request in whole before the backend sees it, and gives it a `Content-Length`; a larger one is answered with 413. It is not in
 * the chain of upgraded connections, which have no end to wait for.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter
 */
export const buffer: Filter = {
  name: 'envoy.filters.http.buffer',
  // The number must be there, and holds for nobody.
  chain: () => ({ config: typed('envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: uint32(1) }), disabled: true }),
  isForUpgrades: false,
  route: ({ buffering }) =>
    buffering && typed('envoy.extensions.filters.http.buffer.v3.BufferPerRoute', { buffer: { max_request_bytes: uint32(buffering.maxBytes) } }),
};
