import type { Snapshot } from '../../resource.ts';
import type { StreamState } from './stream-state.ts';

/**
 * A cluster can be gone again before its client was sent the endpoints that it waits for. Left alone it would wait for 15 s,
 * withhold the ACK of all clusters meanwhile and, while it starts, not even ask for listeners. Told that there are none, it would
 * take them from old routes. So until the cluster is removed, its last endpoints stand in for those that are gone.
 * @param after the snapshot that comes. @param changed names of endpoints that may differ; undefined: any.
 */
export function rememberLeaving(state: StreamState, after: Snapshot, changed: readonly string[] | undefined): void {
  const { snapshot: before, leaving, subscriptions } = state;
  const { clusters, endpoints } = subscriptions;
  if (!before) return;
  for (const name of changed ?? before.resources.endpoints.keys()) {
    const last = before.resources.endpoints.get(name);
    if (last && !after.resources.endpoints.has(name) && clusters.held.has(name) && !endpoints.held.has(name)) leaving.set(name, last);
  }
}
