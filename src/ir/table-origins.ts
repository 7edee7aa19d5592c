import type { Origin } from '../diagnostic.ts';
import type { Group } from './gateway.ts';

/**
 * Where a virtual host, or a route of it, comes from: resources hold origins only as a whole, as line numbers inside of them
 * would change them with every edit above.
 * @param route undefined: the virtual host as a whole.
 * @returns nothing where the group has none of that name.
 */
export function originsInTable({ routeConfigurations }: Group, configuration: string, virtualHost: string, route: string | undefined): readonly Origin[] {
  const host = routeConfigurations.find(({ name }) => name === configuration)?.virtualHosts.find(({ name }) => name === virtualHost);
  if (route === undefined) return host?.origins ?? [];
  return host?.routes.find(({ name }) => name === route)?.origins ?? [];
}
