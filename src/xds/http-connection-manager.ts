import type { FilterChain, Listener } from '../ir/gateway.ts';
import { type Message, typed } from '../proto/message.ts';
import { atMostUint32, bool, duration, uint32 } from '../proto/values.ts';
import { accessLogs } from './access-log.ts';
import { clientAddressOptions, earlyHeaders } from './client-address.ts';
import { clientSample } from './client-sample.ts';
import { overAds } from './config-source.ts';
import type { Filter } from './filter/filter.ts';
import { filters } from './filter/index.ts';
import { headerCase } from './header-case.ts';
import { tracingOptions } from './tracing.ts';
import { localReplies } from './upstream-failures.ts';

type Manager = Message<'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'>;

/** Envoy's own default, written down because routes may be longer or shorter and `explain` tells it. */
const streamIdleMs = 300_000;

/**
 * What stands between a connection and the routes. All chains of a listener get the same, so that a request means the same
 * whichever certificate its connection has.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export function httpConnectionManager(listener: Listener, chain: FilterChain) {
  const upgradeChain = chainOf(
    filters.filter(({ isForUpgrades }) => isForUpgrades !== false),
    listener,
  );
  return typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: listener.name,
    rds: { route_config_name: chain.routeConfiguration, config_source: overAds },
    http_filters: chainOf(filters, listener),
    access_log: [...accessLogs(listener.accessLog, listener.direction === 'gateway'), ...clientSample(listener)],
    ...clientAddressOptions(listener),
    ...earlyHeaders(listener),
    ...tracingOptions(listener),
    ...(listener.direction === 'gateway' ? edgeOptions(listener) : sidecarOptions),
    stream_idle_timeout: duration(streamIdleMs),
    generate_request_id: bool(listener.makesRequestIds),
    // As ingress-nginx does: the id that a caller or a proxy in front gave leads through all logs.
    preserve_external_request_id: true,
    // Backends speak for themselves; `server: envoy` would be news to clients that came from nginx.
    server_header_transformation: 'PASS_THROUGH',
    upgrade_configs: [{ upgrade_type: 'websocket', filters: upgradeChain }],
    ...(listener.direction === 'gateway' && { local_reply_config: localReplies(listener.clientLimits?.maxHeadersKib !== undefined) }),
  });
}

function chainOf(list: readonly Filter[], listener: Listener) {
  return list.flatMap((filter) => {
    const place = filter.chain(listener);
    return place ? [{ name: filter.name, typed_config: place.config, ...(place.disabled && { disabled: true }) }] : [];
  });
}

/** A client that does not answer a ping within 20 s is gone. */
const keepalive = { interval: duration(120_000), timeout: duration(20_000) };

/** Of a connection of HTTP/2 at once. @see https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2 */
const mostStreams = 2_147_483_647;

/**
 * For requests of anybody.
 * - Paths are brought to one form before they are matched, so that `/x/../admin`, `//admin` and `/x%2F..%2Fadmin` are `/admin`
 *   for the routes and for the backend alike; nginx matches so too. Where `%2F` shall stay, routes know it as a slash.
 * - Header names with underscores are dropped, as nginx does: backends that see `X_User` and `X-User` as one could be deceived.
 * - A client that is slow to send its headers holds a stream for ten seconds at most.
 * - Connections idle for 15 minutes are closed: longer than the 10 minutes after which large cloud load balancers let go of
 *   theirs, so that these never reuse one that Envoy is closing.
 * - HTTP/1.0 is answered: old load balancers ask so whether a gateway is well. Without a host name it is a request for all others.
 * - HTTP/2 clients are pinged every two minutes: gRPC streams may be silent for hours, so that a client which is gone must be
 *   noticed, and the load balancers and address translators in between forget connections after four minutes without a packet.
 */
const edgeOptions = ({
  allowsUnderscores,
  keepsEscapedSlashes,
  clientLimits: { idleMs = 900_000, maxRequests, headersMs = 10_000, maxStreams = 100, maxHeadersKib } = {},
}: Listener) =>
  ({
    normalize_path: bool(true),
    merge_slashes: true,
    path_with_escaped_slashes_action: keepsEscapedSlashes ? 'KEEP_UNCHANGED' : 'UNESCAPE_AND_FORWARD',
    request_headers_timeout: duration(headersMs),
    ...(maxHeadersKib !== undefined && { max_request_headers_kb: uint32(maxHeadersKib) }),
    common_http_protocol_options: {
      idle_timeout: duration(idleMs),
      ...(maxRequests !== undefined && { max_requests_per_connection: uint32(atMostUint32(maxRequests)) }),
      ...(!allowsUnderscores && { headers_with_underscores_action: 'DROP_HEADER' }),
    },
    http_protocol_options: { accept_http_10: true, default_host_for_http_10: '_', ...headerCase },
    http2_protocol_options: {
      max_concurrent_streams: uint32(Math.min(maxStreams, mostStreams)),
      initial_stream_window_size: uint32(64 * 1024),
      initial_connection_window_size: uint32(1024 * 1024),
      connection_keepalive: keepalive,
    },
  }) as const satisfies Manager;

/** For calls between services: `..` is resolved, whatever else the application wrote is passed on as it is; pings as above. */
const sidecarOptions = { normalize_path: bool(true), http2_protocol_options: { connection_keepalive: keepalive } } as const satisfies Manager;
