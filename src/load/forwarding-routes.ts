import { memoized } from '../memo/memoized.ts';
import { decode } from '../proto/codec.ts';
import { hostFields, routeFields } from '../proto/route-fields.ts';
import { textField, wireFields } from '../proto/wire-fields.ts';
import type { Resource } from '../resource.ts';
import { splitClustersOfHost } from '../revision/references.ts';
import { tableOf } from '../route-table.ts';
import { actionRow } from '../row/route-rows.ts';
import { type ForwardingRoute, mergedWeights, type Split, splitTable, wholeOf } from './splits.ts';

/**
 * The forwarding routes of those virtual hosts of a route configuration that have a split, by name. It may have ten thousand virtual hosts: only these
 * are decoded.
 */
export const routesBesideSplits = memoized(
  (resource: Resource): ReadonlyMap<string, Split> => routesIn(tableOf(resource).hosts.filter((host) => splitClustersOfHost(host).size > 0)),
);

/** The forwarding routes of a route configuration that have these names, and others that stand in a virtual host with one of them. */
export function routesNamed(resource: Resource, names: ReadonlySet<string>): ReadonlyMap<string, Split> {
  return routesIn(tableOf(resource).hosts.filter((host) => namesIn(host).some((name) => names.has(name))));
}

/** The forwarding routes of a route configuration, and their copies. What else sends requests to clusters does not stand in it. */
export function forwardingRoutes(resource: Resource): readonly ForwardingRoute[] {
  return tableOf(resource).hosts.flatMap(routesOfHost);
}

const routesIn = (hosts: readonly Uint8Array[]): ReadonlyMap<string, Split> => splitTable(hosts.flatMap(routesOfHost)).routes;

// An encoded virtual host never changes, and most of a table stand in the next one as well.
const routesOfHost = memoized((host: Uint8Array): readonly ForwardingRoute[] => {
  const { name: virtualHost = '', routes = [] } = decode('envoy.config.route.v3.VirtualHost', host);
  return routes.flatMap((route) => {
    const action = actionRow(route);
    if (action.type !== 'forward') return [];
    const { name = '' } = route;
    const copies = (route.route?.request_mirror_policies ?? []).map(({ cluster = '' }) => wholeOf(`copies of ${name}`, virtualHost, cluster));
    return [{ name, virtualHost, backends: mergedWeights(action.split) }, ...copies];
  });
});

/** Names of the routes of an encoded virtual host. */
const namesIn = memoized((host: Uint8Array): readonly string[] => {
  const routes = wireFields(host).filter(({ number }) => number === hostFields.routes);
  return routes.flatMap(({ value }) => textField(value, routeFields.name) || []);
});
