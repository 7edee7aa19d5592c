import { memoized } from '../../memo/memoized.ts';
import { encode } from '../../proto/codec.ts';
import { duration } from '../../proto/values.ts';
import type { Resource } from '../../resource.ts';
import { byName } from './held.ts';
import { nameMap } from './names.ts';
import type { StreamState } from './stream-state.ts';
import { markAll } from './subscription.ts';

/**
 * Make before break for a client of state of the world that comes back: it does not say which clusters it has, and whatever
 * the first answer leaves out it removes, though its routes use it until their new form comes. But directly after the clusters
 * it asks for the endpoints of those it has, by name, and only then for listeners. So the first clusters wait for that
 * question, and until they are sent each of its names counts as held, in the form of a stand-in: a cluster of that name
 * whose endpoints never come, not even as given up. Sent in the place of a cluster that is gone it never is warm, so that the
 * one that the client has goes on serving until both are removed in the usual order.
 *
 * What does not come by EDS is not in that question: a cluster with names for the resolver that is gone is removed at once.
 * Delta has no such limit, as its clients say what they have.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/cluster_manager#cluster-warming
 * @see docs/decisions/0007-returning-clients.md
 */
export function holdStandIns({ returning, subscriptions: { clusters, endpoints } }: StreamState): void {
  if (!returning || clusters.lastNonce !== '') return;
  const missing = [...endpoints.names.keys()].filter((name) => !clusters.held.has(name));
  if (missing.length === 0) return;
  clusters.held.setAll(clusters.held.size === 0 ? standIns(endpoints.listed) : byName(missing.map(standIn)));
  markAll(clusters);
}

/** Many clients come back with the same names. */
const standIns = memoized((names: readonly string[]) => byName([...nameMap(names).keys()].map(standIn)));

/** Whether the first clusters must wait until the client said which it has. */
export function awaitsNames({ returning, subscriptions: { clusters, endpoints, listeners } }: StreamState): boolean {
  return returning && clusters.wildcard && clusters.lastNonce === '' && !endpoints.requested && !listeners.requested;
}

function standIn(name: string): Resource {
  const eds_config = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: duration(0) } as const;
  const bytes = encode('envoy.config.cluster.v3.Cluster', { name, type: 'EDS', eds_cluster_config: { eds_config } });
  return { type: 'clusters', name, version: 'stand-in', bytes, origins: [] };
}
