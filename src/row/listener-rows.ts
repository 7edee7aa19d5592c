import type { Origin } from '../diagnostic.ts';
import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import type { Resource, Snapshot } from '../resource.ts';
import { opened } from './opened.ts';

/** One listener as it is served. */
export interface ListenerRow {
  readonly group: string;
  readonly name: string;
  readonly version: string;
  /** Address and port that Envoy binds; `''` and 0 for a name that gRPC clients dial. */
  readonly address: string;
  readonly port: number;
  readonly chains: readonly ChainRow[];
  readonly origins: readonly Origin[];
}

/** What happens to connections that ask for one of the server names. */
interface ChainRow {
  readonly name: string;
  /** SNI; empty: every connection that no other chain takes. */
  readonly serverNames: readonly string[];
  /** Names of the secrets that hold its certificates; empty: plain text. */
  readonly certificates: readonly string[];
  /** Undefined: the chain does not serve HTTP by RDS. */
  readonly routeConfiguration?: string;
}

/** The listeners of a snapshot, by name. */
export function listenerRows(snapshot: Snapshot): readonly ListenerRow[] {
  return [...snapshot.resources.listeners.values()].map((resource) => listenerRow(snapshot.group, resource));
}

function listenerRow(group: string, { name, version, bytes, origins }: Resource): ListenerRow {
  const listener = decode('envoy.config.listener.v3.Listener', bytes);
  const socket = listener.address?.socket_address;
  return {
    group,
    name,
    version,
    address: socket?.address ?? '',
    port: socket?.port_value ?? 0,
    chains: listener.api_listener?.api_listener
      ? [chainRow({ filters: [{ typed_config: listener.api_listener.api_listener }] })]
      : (listener.filter_chains ?? []).map(chainRow),
    origins,
  };
}

function chainRow(chain: Message<'envoy.config.listener.v3.FilterChain'>): ChainRow {
  const tls = opened('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', chain.transport_socket?.typed_config);
  const secrets = tls?.common_tls_context?.tls_certificate_sds_secret_configs ?? [];
  const manager = (chain.filters ?? [])
    .map((filter) => opened('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', filter.typed_config))
    .find((found) => found !== undefined);
  const routeConfiguration = manager?.rds?.route_config_name;
  return {
    name: chain.name ?? '',
    serverNames: chain.filter_chain_match?.server_names ?? [],
    certificates: secrets.map((secret) => secret.name ?? ''),
    ...(routeConfiguration === undefined ? {} : { routeConfiguration }),
  };
}
