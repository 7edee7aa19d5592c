import type { Backend } from '../../ir/backend.ts';
import { unresolvedCluster } from '../../ir/names.ts';
import { memoized } from '../../memo/memoized.ts';
import type { Message } from '../../proto/message.ts';
import { uint32 } from '../../proto/values.ts';
import type { Resource } from '../../resource.ts';
import { outlierDetection } from '../cluster/outlier-detection.ts';
import { overAds } from '../config-source.ts';
import { resource } from '../encode.ts';
import { localities } from '../endpoint.ts';

type Cluster = Message<'envoy.config.cluster.v3.Cluster'>;

/**
 * How gRPC clients reach a backend. Only what every gRPC implementation knows is in it: round robin or a ring, the limit of
 * calls, ejection by rates. TLS is the client's own (its channel credentials), as are health checks and connection settings.
 * The same object for the same backend.
 * @see https://grpc.github.io/grpc/core/md_doc_grpc_xds_features.html
 */
export const grpcClusterResource = memoized((backend: Backend): Resource => resource('clusters', backend.name, messageOf(backend), backend.origins));

function messageOf(backend: Backend): Cluster {
  return {
    name: backend.name,
    ...discovery(backend),
    ...loadBalancing(backend),
    circuit_breakers: { thresholds: [{ max_requests: uint32(backend.circuitBreaker.maxRequests) }] },
    ...ejection(backend),
  };
}

/**
 * A cluster without endpoints. Calls to what cannot be resolved fail at once with UNAVAILABLE; a cluster that is not defined
 * would hold back the whole channel.
 */
export function unresolvedResources(): readonly Resource[] {
  const cluster: Cluster = { name: unresolvedCluster, ...overEds };
  return [resource('clusters', unresolvedCluster, cluster, []), resource('endpoints', unresolvedCluster, { cluster_name: unresolvedCluster }, [])];
}

const overEds = { type: 'EDS', eds_cluster_config: { eds_config: overAds } } as const satisfies Cluster;

function discovery({ name, endpoints }: Backend): Cluster {
  switch (endpoints.type) {
    case 'service':
    case 'static':
      return overEds;
    case 'dns': {
      // One name at most; the backend of several is not used, see `isUsable`.
      const [host] = endpoints.hosts;
      const all = host ? [{ address: host.hostname, port: host.port, weight: 1, health: 'healthy' as const }] : [];
      return { type: 'LOGICAL_DNS', load_assignment: { cluster_name: name, endpoints: localities(all) } };
    }
    case 'local':
      throw new Error('the application of a sidecar is no backend of gRPC clients');
    case 'socket':
      throw new Error('the auth service is no backend of gRPC clients');
  }
}

/** Whether gRPC clients can reach it: a cluster of theirs has endpoints by EDS, or one name. */
export function isUsable({ endpoints }: Backend): boolean {
  return endpoints.type !== 'dns' || endpoints.hosts.length === 1;
}

/** All gRPC implementations know round robin, and a ring for what is to be hashed; they have no least request. */
function loadBalancing({ loadBalancer }: Backend): Cluster {
  const isRing = loadBalancer.type === 'RingHash' || loadBalancer.type === 'Maglev';
  return { lb_policy: isRing ? 'RING_HASH' : 'ROUND_ROBIN' };
}

/**
 * gRPC counts rates, not failures in a row. Success rates are on unless they are switched off.
 * @see https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md
 */
function ejection({ outlierDetection: detection }: Backend): Cluster {
  const countsRates = detection?.successRate ?? detection?.failurePercentage;
  return detection && countsRates ? { outlier_detection: outlierDetection(detection) } : {};
}
