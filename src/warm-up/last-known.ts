import type { EndpointOrigin } from '../ir/backend.ts';
import { poolOf } from '../ir/endpoint-owner.ts';
import type { Resource, ResourceMap } from '../resource.ts';
import { assignedRows } from '../row/endpoint-rows.ts';
import { addressKey } from './ages.ts';

/** What of a group was served before a restart, as far as endpoints go. */
interface ServedBefore {
  readonly kept: { readonly endpointOrigins: ReadonlyMap<string, EndpointOrigin> };
  readonly endpoints: ResourceMap;
}

/** Which endpoints a pool (`poolOf`) had before a restart, as `addressKey`. Undefined: it was not served. */
export function lastKnownEndpoints(stored: readonly ServedBefore[]): (pool: string) => ReadonlySet<string> | undefined {
  const assignments = new Map<string, Resource>();
  for (const { kept, endpoints } of stored) {
    for (const [cluster, origin] of kept.endpointOrigins) {
      const [pool, resource] = [poolOf(origin), endpoints.get(cluster)];
      if (pool !== undefined && resource) assignments.set(pool, resource);
    }
  }
  return (pool) => {
    const resource = assignments.get(pool);
    return resource && new Set(assignedRows('', resource).map(addressKey));
  };
}
