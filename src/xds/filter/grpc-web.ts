import { grpcContentType } from '../../ir/grpc.ts';
import type { Route } from '../../ir/route.ts';
import { type Message, typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';
import { switchedOn } from './switched.ts';

type Entry = Message<'envoy.config.route.v3.Route'>;

/**
 * Lets browsers call gRPC services, on routes to backends that can speak gRPC. It acts on the content types of gRPC-Web alone, but its
 * place in the chain would cost each request a hundredth of what forwarding costs: so no route switches it on, but the entries of `withWebCalls`.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_web_filter
 */
export const grpcWeb: Filter = {
  name: 'envoy.filters.http.grpc_web',
  chain: () => ({ config: typed('envoy.extensions.filters.http.grpc_web.v3.GrpcWeb', {}), disabled: true }),
  route: () => undefined,
};

const isWebCall = { name: 'content-type', string_match: { prefix: `${grpcContentType}-web` } } as const;

/** An entry of a route, and before it the same for calls of gRPC-Web, which are always POST, where a backend can speak gRPC. */
export function withWebCalls({ action }: Route, entry: Entry): Entry[] {
  const headers = entry.match?.headers ?? [];
  const isPossible = headers.every(({ name, string_match }) => name !== ':method' || string_match?.exact === 'POST');
  if (action.type !== 'forward' || !action.grpcWeb || !isPossible) return [entry];
  const configured = { ...entry.typed_per_filter_config, [grpcWeb.name]: switchedOn };
  return [{ ...entry, match: { ...entry.match, headers: [...headers, isWebCall] }, typed_per_filter_config: configured }, entry];
}
