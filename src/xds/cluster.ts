import type { Backend, CircuitBreaker, DnsHost, TcpKeepalive } from '../ir/backend.ts';
import { memoized } from '../memo/memoized.ts';
import { type Message, typed } from '../proto/message.ts';
import { atMostUint32, duration, uint32 } from '../proto/values.ts';
import type { Resource } from '../resource.ts';
import { healthCheck } from './cluster/health-check.ts';
import { loadBalancingPolicy } from './cluster/load-balancing-policy.ts';
import { outlierDetection } from './cluster/outlier-detection.ts';
import { upstreamTransportSocket } from './cluster/upstream-tls.ts';
import { overAds } from './config-source.ts';
import { resource } from './encode.ts';
import { localities } from './endpoint.ts';
import { headerCase } from './header-case.ts';

type Cluster = Message<'envoy.config.cluster.v3.Cluster'>;

const httpProtocolOptions = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/**
 * How requests reach the endpoints of a backend. The endpoints themselves come by EDS, so that a change of them touches no
 * cluster: a changed cluster warms anew and lifts slow start. Only names that Envoy resolves, and a sidecar's application, stand in the cluster.
 * The same object for the same backend, as most are the same in the next build.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
 */
export const clusterResource = memoized((backend: Backend): Resource => resource('clusters', backend.name, messageOf(backend), backend.origins));

function messageOf(backend: Backend): Cluster {
  return {
    name: backend.name,
    ...discovery(backend),
    connect_timeout: duration(backend.connectTimeoutMs),
    load_balancing_policy: loadBalancingPolicy(backend),
    common_lb_config: {
      healthy_panic_threshold: { value: backend.panicThresholdPercent },
      // Envoy's own is 1 s: an ejection within 1 s after an endpoint change would be applied late.
      update_merge_window: duration(0),
      // Sessions may go on where new requests do not go any more.
      override_host_status: { statuses: ['UNKNOWN', 'HEALTHY', 'DEGRADED', 'DRAINING'] },
    },
    circuit_breakers: { thresholds: [thresholds(backend.circuitBreaker)] },
    ...(backend.outlierDetection && { outlier_detection: outlierDetection(backend.outlierDetection) }),
    ...(backend.healthChecks.length > 0 && {
      health_checks: backend.healthChecks.map((check) => healthCheck(check, backend.protocol)),
      // An endpoint that is gone leaves at once; Envoy would keep it until its checks fail.
      ignore_health_on_host_removal: true,
    }),
    ...(backend.tcpKeepalive && { upstream_connection_options: { tcp_keepalive: keepalive(backend.tcpKeepalive) } }),
    typed_extension_protocol_options: { [httpProtocolOptions]: protocolOptions(backend) },
    ...(backend.tls && { transport_socket: upstreamTransportSocket(backend.tls, backend.protocol) }),
    ...(backend.sendsProxyHeader && { transport_socket: proxyHeaderSocket }),
  };
}

const proxyHeaderSocket: Message<'envoy.config.core.v3.TransportSocket'> = {
  name: 'envoy.transport_sockets.upstream_proxy_protocol',
  typed_config: typed('envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport', {
    config: { version: 'V1' },
    transport_socket: { name: 'envoy.transport_sockets.raw_buffer', typed_config: typed('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}) },
  }),
};

function discovery({ name, endpoints }: Backend): Cluster {
  if (endpoints.type === 'service' || endpoints.type === 'static') return { type: 'EDS', eds_cluster_config: { eds_config: overAds } };
  if (endpoints.type === 'local') {
    const { address, port } = endpoints;
    return { type: 'STATIC', load_assignment: { cluster_name: name, endpoints: localities([{ address, port, health: 'healthy', weight: 1 }]) } };
  }
  if (endpoints.type === 'socket') {
    const lb_endpoints = [{ endpoint: { address: { pipe: { path: endpoints.path } } } }];
    return { type: 'STATIC', load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints }] } };
  }
  return {
    cluster_type: {
      name: 'envoy.clusters.dns',
      typed_config: typed('envoy.extensions.clusters.dns.v3.DnsCluster', {
        dns_refresh_rate: duration(dnsRefreshMs),
        respect_dns_ttl: true,
        dns_lookup_family: 'V4_PREFERRED',
      }),
    },
    load_assignment: { cluster_name: name, endpoints: localities(endpoints.hosts.map(dnsEndpoint)) },
  };
}

/** How often a name is resolved where its answer has no time to live, and tried again where there was none. */
const dnsRefreshMs = 5000;

function dnsEndpoint({ hostname, port, weight, zone }: DnsHost) {
  return { address: hostname, port, weight, health: 'healthy' as const, ...(zone === undefined ? {} : { zone }) };
}

function thresholds(limits: CircuitBreaker): NonNullable<Message<'envoy.config.cluster.v3.CircuitBreakers'>['thresholds']>[number] {
  return {
    max_connections: uint32(limits.maxConnections),
    max_pending_requests: uint32(limits.maxPendingRequests),
    max_requests: uint32(limits.maxRequests),
    retry_budget: {
      budget_percent: { value: limits.retryBudget.percent },
      min_retry_concurrency: uint32(limits.retryBudget.minConcurrent),
    },
  };
}

/** The kernel counts in seconds. */
function keepalive({ timeMs, intervalMs, probes }: TcpKeepalive): Message<'envoy.config.core.v3.TcpKeepalive'> {
  return {
    keepalive_time: uint32(Math.ceil(timeMs / 1000)),
    keepalive_interval: uint32(Math.ceil(intervalMs / 1000)),
    keepalive_probes: uint32(probes),
  };
}

function protocolOptions({ protocol, idleTimeoutMs, maxRequestsPerConnection, maxConnectionMs }: Backend) {
  return typed(httpProtocolOptions, {
    common_http_protocol_options: {
      idle_timeout: duration(idleTimeoutMs),
      ...(maxRequestsPerConnection !== undefined && { max_requests_per_connection: uint32(atMostUint32(maxRequestsPerConnection)) }),
      ...(maxConnectionMs !== undefined && { max_connection_duration: duration(maxConnectionMs) }),
    },
    explicit_http_config: protocol === 'http2' ? { http2_protocol_options: {} } : { http_protocol_options: headerCase },
  });
}
