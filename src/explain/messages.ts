import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import type { Resource } from '../resource.ts';

/** The messages that `explain` walks over. */
export type ListenerMessage = Message<'envoy.config.listener.v3.Listener'>;
export type FilterChainMessage = Message<'envoy.config.listener.v3.FilterChain'>;
export type ManagerMessage = Message<'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'>;
export type DownstreamTlsMessage = Message<'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'>;
export type RouteTableMessage = Message<'envoy.config.route.v3.RouteConfiguration'>;
export type VirtualHostMessage = Message<'envoy.config.route.v3.VirtualHost'>;
export type RouteMessage = Message<'envoy.config.route.v3.Route'>;
export type RouteMatchMessage = Message<'envoy.config.route.v3.RouteMatch'>;
export type RouteActionMessage = Message<'envoy.config.route.v3.RouteAction'>;
export type RedirectMessage = Message<'envoy.config.route.v3.RedirectAction'>;
export type HeaderMatchMessage = Message<'envoy.config.route.v3.HeaderMatcher'>;
export type QueryMatchMessage = Message<'envoy.config.route.v3.QueryParameterMatcher'>;
export type ClusterMessage = Message<'envoy.config.cluster.v3.Cluster'>;
export type AssignmentMessage = Message<'envoy.config.endpoint.v3.ClusterLoadAssignment'>;

export const listenerOf = (resource: Resource): ListenerMessage => decode('envoy.config.listener.v3.Listener', resource.bytes);
export const routeTableOf = (resource: Resource): RouteTableMessage => decode('envoy.config.route.v3.RouteConfiguration', resource.bytes);
export const clusterOf = (resource: Resource): ClusterMessage => decode('envoy.config.cluster.v3.Cluster', resource.bytes);
export const assignmentOf = (resource: Resource): AssignmentMessage => decode('envoy.config.endpoint.v3.ClusterLoadAssignment', resource.bytes);

/** The connection manager of a filter chain: its last network filter. */
export function managerOf(chain: FilterChainMessage): ManagerMessage {
  return (chain.filters?.at(-1)?.typed_config ?? {}) as ManagerMessage;
}

/** The cluster that the connections of a chain go to as they come. Undefined: it serves HTTP. */
export function passedTo(chain: FilterChainMessage): string | undefined {
  const filter = chain.filters?.at(-1);
  if (filter?.name !== 'envoy.filters.network.tcp_proxy') return undefined;
  return (filter.typed_config as Message<'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy'>).cluster;
}

/** Milliseconds of a duration, `fallback` where there is none. */
export function milliseconds(duration: Message<'google.protobuf.Duration'> | null | undefined, fallback: number): number {
  return duration ? Number(duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1_000_000 : fallback;
}
