import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

/**
 * Sends requests to clusters: the end of every chain.
 * It makes none of its headers (X-Envoy-Expected-Rq-Timeout-Ms, X-Envoy-Original-Host, X-Envoy-Upstream-Service-Time): they cost each request a
 * two-hundredth of what forwarding costs. The one that is needed, the path of before a rewrite, is kept by the routes that rewrite it.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
export const router: Filter = {
  name: 'envoy.filters.http.router',
  chain: () => ({ config: typed('envoy.extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true }), disabled: false }),
  route: () => undefined,
};
