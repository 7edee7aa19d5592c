import type { EndpointOrigin } from '../ir/backend.ts';
import { ownerOf } from '../ir/endpoint-owner.ts';
import type { Resource } from '../resource.ts';
import type { Configuration } from '../revision/release.ts';
import type { StoreView } from '../store/view.ts';
import { endpointsNow, type Weigh } from './endpoints-now.ts';

/** The way of an EndpointSlice past the build: from the Service it belongs to, to the assignments of every group that uses it. */
export interface EndpointLane {
  /** New assignments of these owners (`ownerOf`), by group. One that no group uses gives nothing. */
  update(view: StoreView, weigh: Weigh, owners: readonly string[]): ReadonlyMap<string, readonly Resource[]>;
}

/**
 * Indexes the clusters of configurations by the owner of their endpoints. A cluster that two configurations of a group have is taken from the
 * first: what its port is called there is what it is called today.
 */
export function endpointLane(configurations: Iterable<Configuration>): EndpointLane {
  const users = new Map<string, readonly { group: string; cluster: string; origin: EndpointOrigin }[]>();
  const clustersOf = new Map<string, Set<string>>();
  for (const { snapshot, endpointOrigins } of configurations) {
    const { group } = snapshot;
    const known = clustersOf.get(group) ?? new Set();
    clustersOf.set(group, known);
    for (const [cluster, origin] of endpointOrigins) {
      const owner = ownerOf(origin);
      if (owner === undefined || known.has(cluster)) continue;
      known.add(cluster);
      // Mostly a list of one, and a list that is pushed to has room for sixteen more.
      users.set(owner, [...(users.get(owner) ?? []), { group, cluster, origin }]);
    }
  }
  return {
    update(view, weigh, owners) {
      const found = new Map<string, Resource[]>();
      for (const { group, cluster, origin } of owners.flatMap((owner) => users.get(owner) ?? [])) {
        const made = endpointsNow(view, weigh, group, cluster, origin);
        if (!made) continue;
        const resources = found.get(group) ?? [];
        resources.push(made);
        found.set(group, resources);
      }
      return found;
    },
  };
}
