import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

/**
 * Sends requests to clusters: the end of every chain.
 * It goes on telling backends `x-envoy-original-path`, which is also what the access log prints for rewritten paths.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
export const router: Filter = {
  name: 'envoy.filters.http.router',
  chain: () => ({ config: typed('envoy.extensions.filters.http.router.v3.Router', {}), disabled: false }),
  route: () => undefined,
};
