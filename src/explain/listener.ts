import { grpcGroupParts, writtenPortIn } from '../ir/names.ts';
import type { Snapshot } from '../resource.ts';
import type { ListenerStep } from './explanation.ts';
import { filterChainFor } from './filter-chain.ts';
import { type DownstreamTlsMessage, type FilterChainMessage, type ListenerMessage, listenerOf } from './messages.ts';
import type { WrittenUrl } from './url.ts';

/** A listener that has the port, and its chain for the connection; without a chain the connection is closed. */
export interface FoundListener {
  readonly listener: ListenerStep;
  readonly chain: FilterChainMessage | undefined;
  /** Whether its connections begin with a PROXY header. */
  readonly readsProxyHeader: boolean;
}

/**
 * The listener for a URL: one whose written port it names before one whose bound port it names, one with a chain before one
 * without. What a sidecar's application calls goes to the outbound listener, whatever the port of the URL. For gRPC clients, who
 * have no port of their own, it is the listener of the name that they dial.
 */
export function findListener(snapshot: Snapshot, url: WrittenUrl): FoundListener | undefined {
  if (grpcGroupParts(snapshot.group)) return dialled(snapshot, url);
  const serverName = url.scheme === 'https' ? url.hostname : undefined;
  const found = [...snapshot.resources.listeners.values()].flatMap((resource) => {
    const message = listenerOf(resource);
    const bound = message.address?.socket_address?.port_value ?? 0;
    const writtenPort = writtenPortIn(resource.name) ?? bound;
    const portRank = url.port === writtenPort ? 2 : url.port === bound ? 1 : 0;
    if (portRank === 0 && message.traffic_direction !== 'OUTBOUND') return [];
    const chain = filterChainFor(message, serverName);
    const readsProxyHeader = (message.listener_filters ?? []).some(({ name }) => name === 'envoy.filters.listener.proxy_protocol');
    return [{ rank: (chain ? 3 : 0) + portRank, chain, readsProxyHeader, listener: stepOf(message, chain, bound, writtenPort, resource.origins) }];
  });
  return found.sort((a, b) => b.rank - a.rank)[0];
}

function dialled(snapshot: Snapshot, url: WrittenUrl): FoundListener | undefined {
  const resource = snapshot.resources.listeners.get(url.host);
  if (!resource) return undefined;
  const message = listenerOf(resource);
  const chain: FilterChainMessage = { filters: [{ typed_config: message.api_listener?.api_listener ?? null }] };
  return { chain, readsProxyHeader: false, listener: stepOf(message, chain, url.port, url.port, resource.origins) };
}

/** The ports that listeners bind, as `8080 (for 80)` where another one is written. */
export function portsOf(snapshot: Snapshot): readonly string[] {
  const ports = [...snapshot.resources.listeners.values()].map((resource) => {
    const bound = listenerOf(resource).address?.socket_address?.port_value ?? 0;
    const written = writtenPortIn(resource.name) ?? bound;
    return written === bound ? `${bound}` : `${bound} (for ${written})`;
  });
  return [...new Set(ports)];
}

function stepOf(
  message: ListenerMessage,
  chain: FilterChainMessage | undefined,
  port: number,
  writtenPort: number,
  origins: ListenerStep['origins'],
): ListenerStep {
  const context = chain?.transport_socket?.typed_config as DownstreamTlsMessage | undefined;
  return {
    name: message.name ?? '',
    address: message.address?.socket_address?.address ?? '',
    port,
    writtenPort,
    filterChain: chain?.name ?? '',
    certificates: (context?.common_tls_context?.tls_certificate_sds_secret_configs ?? []).map(({ name = '' }) => name),
    origins,
  };
}
