import { type Configuration, withChangedEndpoints } from '../revision/release.ts';
import type { StoreView } from '../store/view.ts';
import { endpointsNow } from './endpoints-now.ts';

/**
 * A configuration that was built from objects of a moment ago, with the endpoints of now of those Services (`NAMESPACE/NAME`)
 * whose slices changed meanwhile. The same one where none did.
 */
export function caughtUp(configuration: Configuration, services: ReadonlySet<string>, view: StoreView): Configuration {
  if (services.size === 0) return configuration;
  const { snapshot, endpointOrigins } = configuration;
  const users = [...endpointOrigins].filter(([, origin]) => origin.type === 'service' && services.has(`${origin.namespace}/${origin.service}`));
  return withChangedEndpoints(
    configuration,
    users.flatMap(([cluster, origin]) => endpointsNow(view, snapshot.group, cluster, origin) ?? []),
  );
}
