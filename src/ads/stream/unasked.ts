import { nameMap } from './names.ts';
import type { StreamState } from './stream-state.ts';
import { markAll } from './subscription.ts';
import { startWarming } from './warming.ts';

/** How Envoy begins to name itself. */
const envoy = 'envoy';

/**
 * While any cluster warms, Envoy says nothing of clusters, and on a new stream it does not even ask for them: it begins with
 * the question for endpoints. A cluster may warm for long, and one that it fails to make for ever; until then it would learn
 * of no new cluster, and new routes would go to clusters that it does not have, or that warm. So it is told all clusters
 * unasked, as Envoy allows, and what it tells of them later is its first reply. Which of its clusters warm is not known: each
 * counts as warming until that reply, or until its endpoints are taken. Other clients are left to ask.
 * @see docs/decisions/0007-returning-clients.md
 */
export function assumeClusters(state: StreamState): void {
  const { identity, node, now, subscriptions } = state;
  const { clusters, endpoints } = subscriptions;
  if (identity.only || clusters.requested || !node?.agent.startsWith(envoy)) return;
  clusters.requested = true;
  clusters.isAssumed = true;
  clusters.wildcard = true;
  clusters.owed = true;
  markAll(clusters);
  const names = [...endpoints.names.keys()];
  startWarming(state, '', nameMap(names), now);
  // In state of the world stand-ins take their place.
  if (identity.protocol === 'sotw') state.returning = true;
  else clusters.held.setAll(new Map(names.map((name) => [name, { version: 'not told' }])));
}
