import type { Origin } from '../diagnostic.ts';
import { grpcGroupParts } from '../ir/names.ts';
import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import type { Resource, Snapshot } from '../resource.ts';
import { opened, openedName } from './opened.ts';

/** One cluster as it is served. */
export interface ClusterRow {
  readonly group: string;
  readonly name: string;
  readonly version: string;
  /** Whether the endpoints come by EDS or Envoy resolves names itself. */
  readonly discovery: 'EDS' | 'DNS' | 'STATIC';
  /** `LeastRequest`, `RoundRobin`, `Random`, `RingHash`, `Maglev`, or Envoy's name of another policy. */
  readonly loadBalancer: string;
  /** Whether a new endpoint's share grows slowly. */
  readonly slowStart: boolean;
  readonly outlierDetection: boolean;
  /** `http`, `tcp`, `grpc`: one for each active check. */
  readonly healthChecks: readonly string[];
  readonly protocol: 'http1' | 'http2';
  /** Server name of the TLS to the endpoints; undefined: plain text. */
  readonly tls?: string;
  readonly endpoints: number;
  /** The Service or Backend, then the policies that shaped it. */
  readonly origins: readonly Origin[];
}

/** The clusters of a snapshot. */
export function clusterRows(snapshot: Snapshot): readonly ClusterRow[] {
  return [...snapshot.resources.clusters.values()].map((resource) => clusterRow(snapshot, resource));
}

function clusterRow(snapshot: Snapshot, { name, version, bytes, origins }: Resource): ClusterRow {
  const cluster = decode('envoy.config.cluster.v3.Cluster', bytes);
  const tls = opened('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', cluster.transport_socket?.typed_config);
  return {
    group: snapshot.group,
    name,
    version,
    discovery: discoveryOf(cluster),
    loadBalancer: loadBalancerOf(cluster),
    slowStart: hasSlowStart(cluster),
    outlierDetection: Boolean(cluster.outlier_detection),
    healthChecks: (cluster.health_checks ?? []).map((check) => (check.grpc_health_check ? 'grpc' : check.http_health_check ? 'http' : 'tcp')),
    protocol: grpcGroupParts(snapshot.group) ? 'http2' : protocolOf(cluster),
    ...(tls ? { tls: tls.sni ?? '' } : {}),
    endpoints: endpointCount(cluster, snapshot.resources.endpoints.get(name)),
    origins,
  };
}

/** `LeastRequest`, `RoundRobin`, `Random`, `RingHash`, `Maglev`, or Envoy's name of another policy. */
export function loadBalancerOf(cluster: Message<'envoy.config.cluster.v3.Cluster'>): string {
  return openedName(policyOf(cluster)) ?? (cluster.lb_policy === 'RING_HASH' ? 'RingHash' : 'RoundRobin');
}

/** Whether Envoys raise the share of a new endpoint slowly. */
export function hasSlowStart(cluster: Message<'envoy.config.cluster.v3.Cluster'>): boolean {
  return Boolean((policyOf(cluster) as { readonly slow_start_config?: unknown } | null | undefined)?.slow_start_config);
}

function policyOf(cluster: Message<'envoy.config.cluster.v3.Cluster'>): unknown {
  return cluster.load_balancing_policy?.policies?.[0]?.typed_extension_config?.typed_config;
}

function discoveryOf(cluster: Message<'envoy.config.cluster.v3.Cluster'>): ClusterRow['discovery'] {
  if (cluster.cluster_type || cluster.type === 'STRICT_DNS' || cluster.type === 'LOGICAL_DNS') return 'DNS';
  return cluster.type === 'EDS' ? 'EDS' : 'STATIC';
}

function protocolOf(cluster: Message<'envoy.config.cluster.v3.Cluster'>): ClusterRow['protocol'] {
  const extension = cluster.typed_extension_protocol_options?.['envoy.extensions.upstreams.http.v3.HttpProtocolOptions'];
  const options = opened('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', extension);
  return options?.explicit_http_config?.http2_protocol_options ? 'http2' : 'http1';
}

function endpointCount(cluster: Message<'envoy.config.cluster.v3.Cluster'>, assignment: Resource | undefined): number {
  const { endpoints } = assignment ? decode('envoy.config.endpoint.v3.ClusterLoadAssignment', assignment.bytes) : (cluster.load_assignment ?? {});
  return (endpoints ?? []).reduce((sum, locality) => sum + (locality.lb_endpoints?.length ?? 0), 0);
}
