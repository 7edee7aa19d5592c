import { decode } from '../proto/codec.ts';
import type { Resource } from '../resource.ts';
import { references } from '../revision/references.ts';

// A resource never changes, so that what was once read of it holds for as long as it is there.
const known = new WeakMap<Resource, boolean>();

/**
 * Whether a new cluster is warm as soon as its client has taken its endpoints: it waits for no first health check and no
 * secret. Then the ACK of the endpoints tells it, long before that of the clusters where another one of the same answer is slow.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/cluster_manager#cluster-warming
 */
export function warmsWithEndpoints(cluster: Resource): boolean {
  let found = known.get(cluster);
  if (found === undefined) {
    const { type, health_checks } = decode('envoy.config.cluster.v3.Cluster', cluster.bytes);
    found = type === 'EDS' && !health_checks?.length && references(cluster).secrets.size === 0;
    known.set(cluster, found);
  }
  return found;
}
