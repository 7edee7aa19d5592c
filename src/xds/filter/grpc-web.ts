import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

/**
 * Lets browsers call gRPC services. It acts on the content types of gRPC-Web alone, so it is on for every route.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_web_filter
 */
export const grpcWeb: Filter = {
  name: 'envoy.filters.http.grpc_web',
  chain: () => ({ config: typed('envoy.extensions.filters.http.grpc_web.v3.GrpcWeb', {}), disabled: false }),
  route: () => undefined,
};
