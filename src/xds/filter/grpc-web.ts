import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

/**
 * Lets browsers call gRPC services, on routes to backends that can speak gRPC. It acts on the content types of gRPC-Web alone, but
 * elsewhere its place in the chain would cost each request what a fiftieth of forwarding costs.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_web_filter
 */
export const grpcWeb: Filter = {
  name: 'envoy.filters.http.grpc_web',
  chain: () => ({ config: typed('envoy.extensions.filters.http.grpc_web.v3.GrpcWeb', {}), disabled: true }),
  // It has nothing that routes configure: an empty configuration switches it on.
  route: ({ action }) =>
    action.type === 'forward' && action.grpcWeb ? typed('envoy.config.route.v3.FilterConfig', { config: { type_url: '', value: '' } }) : undefined,
};
