import type { EndpointOrigin } from '../ir/backend.ts';
import type { Resource } from '../resource.ts';
import type { Configuration } from '../revision/release.ts';
import type { StoreView } from '../store/view.ts';
import { endpointsNow } from './endpoints-now.ts';

/** The way of an EndpointSlice past the build: from the Service it belongs to, to the assignments of every group that uses it. */
export interface EndpointLane {
  /** New assignments of these Services (`NAMESPACE/NAME`), by group. A Service that no group uses gives nothing. */
  update(view: StoreView, services: readonly string[]): ReadonlyMap<string, readonly Resource[]>;
}

/**
 * Indexes the clusters of configurations by their Service. A cluster that two configurations of a group have is taken from the
 * first: what its port is called there is what it is called today.
 */
export function endpointLane(configurations: Iterable<Configuration>): EndpointLane {
  const users = new Map<string, { group: string; cluster: string; origin: EndpointOrigin }[]>();
  const clustersOf = new Map<string, Set<string>>();
  for (const { snapshot, endpointOrigins } of configurations) {
    const { group } = snapshot;
    const known = clustersOf.get(group) ?? new Set();
    clustersOf.set(group, known);
    for (const [cluster, origin] of endpointOrigins) {
      if (origin.type !== 'service' || known.has(cluster)) continue;
      known.add(cluster);
      const key = `${origin.namespace}/${origin.service}`;
      const list = users.get(key) ?? [];
      list.push({ group, cluster, origin });
      users.set(key, list);
    }
  }
  return {
    update(view, services) {
      const found = new Map<string, Resource[]>();
      for (const { group, cluster, origin } of services.flatMap((service) => users.get(service) ?? [])) {
        const made = endpointsNow(view, group, cluster, origin);
        if (!made) continue;
        const resources = found.get(group) ?? [];
        resources.push(made);
        found.set(group, resources);
      }
      return found;
    },
  };
}
