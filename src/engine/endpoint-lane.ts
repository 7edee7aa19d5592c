import type { Backend } from '../ir/backend.ts';
import type { Group } from '../ir/gateway.ts';
import type { Resource } from '../resource.ts';
import type { StoreView } from '../store/view.ts';
import { endpointSet } from '../translate/endpoints.ts';
import { endpointEncoder } from '../xds/group.ts';

/** The way of an EndpointSlice past the build: from the Service it belongs to, to the assignments of every group that uses it. */
export interface EndpointLane {
  /** New assignments of these Services (`NAMESPACE/NAME`), by group. A Service that no group uses gives nothing. */
  update(view: StoreView, services: readonly string[]): ReadonlyMap<string, readonly Resource[]>;
}

/** Indexes the backends of all groups by their Service. */
export function endpointLane(groups: ReadonlyMap<string, Group>): EndpointLane {
  const users = new Map<string, { group: Group; backend: Backend }[]>();
  for (const group of groups.values()) {
    for (const backend of group.backends) {
      if (backend.endpoints.type !== 'service') continue;
      const key = `${backend.endpoints.namespace}/${backend.endpoints.service}`;
      const list = users.get(key) ?? [];
      list.push({ group, backend });
      users.set(key, list);
    }
  }
  return {
    update(view, services) {
      const found = new Map<string, Resource[]>();
      for (const { group, backend } of services.flatMap((service) => users.get(service) ?? [])) {
        const set = endpointSet(view, backend);
        if (!set) continue;
        const resources = found.get(group.name) ?? [];
        resources.push(endpointEncoder(group)(set));
        found.set(group.name, resources);
      }
      return found;
    },
  };
}
