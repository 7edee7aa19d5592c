import type { Group } from '../ir/gateway.ts';
import type { Route } from '../ir/route.ts';

/** Names of the clusters that a route of the group sends requests to, copies of requests included. A share of 0 sends none. */
export function busyClusters({ routeConfigurations }: Pick<Group, 'routeConfigurations'>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { virtualHosts } of routeConfigurations) {
    for (const { routes } of virtualHosts) for (const { action } of routes) addBusy(action, found);
  }
  return found;
}

function addBusy(action: Route['action'], found: Set<string>): void {
  if (action.type !== 'forward') return;
  for (const { cluster, weight } of action.backends) if (cluster !== undefined && weight > 0) found.add(cluster);
  for (const { cluster, numerator } of action.mirrors) if (numerator > 0) found.add(cluster);
}
