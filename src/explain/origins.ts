import type { Backend } from '../ir/backend.ts';
import type { Group } from '../ir/gateway.ts';
import type { Route, VirtualHost } from '../ir/route.ts';

/**
 * Leads from what Envoy is served back to the representation it was made from, and so to the lines of its origin: resources
 * hold origins only as a whole, as line numbers inside of them would change them with every edit above.
 */
export interface OriginIndex {
  virtualHost(configuration: string, name: string): VirtualHost | undefined;
  route(configuration: string, virtualHost: string, name: string): Route | undefined;
  backend(cluster: string): Backend | undefined;
}

/** Looks names up in the representation of a group; without one nothing is found. */
export function originIndex(group: Group | undefined): OriginIndex {
  const virtualHost = (configuration: string, name: string): VirtualHost | undefined =>
    group?.routeConfigurations.find((each) => each.name === configuration)?.virtualHosts.find((host) => host.name === name);
  return {
    virtualHost,
    backend: (cluster) => group?.backends.find(({ name }) => name === cluster),
    route: (configuration, host, name) => virtualHost(configuration, host)?.routes.find((route) => route.name === name),
  };
}
