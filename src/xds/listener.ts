import type { DownstreamTls, FilterChain, Listener, TlsVersion } from '../ir/gateway.ts';
import { BoundedMap } from '../memo/bounded-map.ts';
import { type Message, typed } from '../proto/message.ts';
import { bool, duration, uint32 } from '../proto/values.ts';
import type { Resource } from '../resource.ts';
import { cidrRange, nobody } from './cidr-range.ts';
import { overAds } from './config-source.ts';
import { resource } from './encode.ts';
import { httpConnectionManager } from './http-connection-manager.ts';
import { needsProxyHeader, proxyHeaderOf } from './proxy-header.ts';
import { tcpProxy } from './tcp-proxy.ts';

/** Of connections that are passed on: endpoints that are tried where none can be made, and the silence after which they end, which is Envoy's own. */
const passedTries = 3;
const passedIdleMs = 3_600_000;

/** What Envoy keeps of a slow peer's data, as its page on edge proxies advises; each connection may cost it twice. */
const connectionBufferBytes = 32 * 1024;

/**
 * A bound port. It holds nothing that changes with routes or certificates: these are asked for by RDS and SDS, since a changed
 * listener drains its connections (promise 9).
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export function listenerResource(listener: Listener): Resource {
  const { name, origins } = listener;
  const content = contentOf(listener);
  const before = madeLast.get(name);
  if (before?.content === content) return { ...before.resource, origins };
  const made = resource('listeners', name, messageOf(listener), origins);
  madeLast.set(name, { content, resource: made });
  return made;
}

/** By name, what was made last, and of what: listeners hardly ever change, while the routes behind them do. Those of groups that are gone do not stay. */
const madeLast = new BoundedMap<{ readonly content: string; readonly resource: Resource }>(1000);

/** Everything but where it is written. */
function contentOf(listener: Listener): string {
  return JSON.stringify(listener, (field, value: unknown) => (field === 'origins' ? undefined : value));
}

function messageOf(listener: Listener): Message<'envoy.config.listener.v3.Listener'> {
  const headerTimeoutMs = proxyHeaderOf(listener.clientAddress)?.headerTimeoutMs;
  return {
    name: listener.name,
    stat_prefix: listener.name,
    address: boundAddress(listener.address, listener),
    ...(listener.moreAddresses && { additional_addresses: listener.moreAddresses.map((address) => ({ address: boundAddress(address, listener) })) }),
    per_connection_buffer_limit_bytes: uint32(connectionBufferBytes),
    listener_filters: listenerFilters(listener),
    ...(headerTimeoutMs !== undefined && { listener_filters_timeout: duration(headerTimeoutMs) }),
    filter_chains: listener.filterChains.map((chain) => filterChain(listener, chain)),
    ...(listener.direction !== 'gateway' && { traffic_direction: listener.direction === 'inbound' ? 'INBOUND' : 'OUTBOUND' }),
    // Calls of the application go on while the sidecar drains what comes in.
    ...(listener.direction === 'outbound' && { drain_type: 'MODIFY_ONLY' }),
  };
}

/** `::` alone stands for IPv4 as well. */
function boundAddress(address: string, { port, moreAddresses }: Listener) {
  return { socket_address: { address, port_value: port, ...(address === '::' && !moreAddresses && { ipv4_compat: true }) } };
}

/** The PROXY header comes before the TLS hello, so its filter does too. */
function listenerFilters({ clientAddress, filterChains }: Listener): Message<'envoy.config.listener.v3.ListenerFilter'>[] {
  const chosen: Message<'envoy.config.listener.v3.ListenerFilter'>[] = [];
  if (proxyHeaderOf(clientAddress)) {
    chosen.push({
      name: 'envoy.filters.listener.proxy_protocol',
      typed_config: typed('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol', {
        allow_requests_without_proxy_protocol: !needsProxyHeader(clientAddress),
      }),
    });
  }
  if (filterChains.some(({ tls, passesTo }) => tls ?? passesTo)) {
    chosen.push({
      name: 'envoy.filters.listener.tls_inspector',
      typed_config: typed('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', {}),
    });
  }
  return chosen;
}

function filterChain(listener: Listener, chain: FilterChain): Message<'envoy.config.listener.v3.FilterChain'> {
  const peers = proxyHeaderOf(listener.clientAddress)?.peers;
  return {
    name: chain.name,
    filter_chain_match: {
      ...(chain.serverNames.length > 0 && { server_names: [...chain.serverNames] }),
      ...((chain.tls ?? chain.passesTo) && { transport_protocol: 'tls' }),
      ...(peers && { direct_source_prefix_ranges: (peers.length > 0 ? peers : [nobody]).map(cidrRange) }),
    },
    filters: [
      chain.passesTo === undefined
        ? { name: 'envoy.filters.network.http_connection_manager', typed_config: httpConnectionManager(listener, chain) }
        : tcpProxy({ name: listener.name, cluster: chain.passesTo, tries: passedTries, idleMs: passedIdleMs }),
    ],
    ...(chain.tls && {
      transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: downstreamTls(chain.tls) },
    }),
  };
}

function downstreamTls(tls: DownstreamTls) {
  return typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
    common_tls_context: {
      tls_params: {
        tls_minimum_protocol_version: versionOf(tls.minimumVersion),
        ...(tls.maximumVersion && { tls_maximum_protocol_version: versionOf(tls.maximumVersion) }),
        ...(tls.ciphers && { cipher_suites: [...tls.ciphers] }),
        ...(tls.curves && { ecdh_curves: [...tls.curves] }),
      },
      alpn_protocols: [...tls.alpn],
      tls_certificate_sds_secret_configs: tls.certificates.map((name) => ({ name, sds_config: overAds })),
      ...(tls.clients && {
        combined_validation_context: {
          default_validation_context: { trust_chain_verification: 'ACCEPT_UNTRUSTED', max_verify_depth: uint32(tls.clients.verifyDepth) },
          validation_context_sds_secret_config: { name: tls.clients.authority, sds_config: overAds },
        },
      }),
    },
    ...(tls.prefersClientCiphers && { prefer_client_ciphers: true }),
    ...ticketsOf(tls),
    ...(tls.sessionSeconds !== undefined && { session_timeout: duration(tls.sessionSeconds * 1000) }),
    // A connection that goes on with an older one's keys would not say what became of the certificate.
    ...(tls.clients && { require_client_certificate: bool(false), disable_stateful_session_resumption: true }),
  });
}

/** To refuse tickets and to have keys for them exclude each other. */
function ticketsOf({ refusesTickets, clients, ticketKeys }: DownstreamTls) {
  if (refusesTickets || clients) return { disable_stateless_session_resumption: true };
  return ticketKeys === undefined ? {} : { session_ticket_keys_sds_secret_config: { name: ticketKeys, sds_config: overAds } };
}

function versionOf(version: TlsVersion) {
  return ({ '1.0': 'TLSv1_0', '1.1': 'TLSv1_1', '1.2': 'TLSv1_2', '1.3': 'TLSv1_3' } as const)[version];
}
