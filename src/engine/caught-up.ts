import { ownerOf } from '../ir/endpoint-owner.ts';
import { type Configuration, withChangedEndpoints } from '../revision/release.ts';
import type { StoreView } from '../store/view.ts';
import { endpointsNow, type Weigh } from './endpoints-now.ts';

/**
 * A configuration that was built from objects of a moment ago, with the endpoints of now of those owners (`ownerOf`) that changed
 * meanwhile, or whose endpoints warm up. The same one where there are none.
 */
export function caughtUp(configuration: Configuration, owners: ReadonlySet<string>, view: StoreView, weigh: Weigh): Configuration {
  if (owners.size === 0) return configuration;
  const { snapshot, endpointOrigins } = configuration;
  const users = [...endpointOrigins].filter(([, origin]) => owners.has(ownerOf(origin) ?? ''));
  return withChangedEndpoints(
    configuration,
    users.flatMap(([cluster, origin]) => endpointsNow(view, weigh, snapshot.group, cluster, origin) ?? []),
  );
}
