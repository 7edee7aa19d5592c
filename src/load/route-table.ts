import { decode } from '../proto/codec.ts';
import type { Resource } from '../resource.ts';
import { actionRow } from '../row/route-rows.ts';
import { type ForwardingRoute, mergedWeights, type SplitTable, splitTable } from './splits.ts';

/** What was read of a route configuration: most Envoys have the same one. */
const tables = new WeakMap<Resource, SplitTable>();

/** The table of a route configuration as an Envoy has it. Copies of requests are not in it. */
export function tableOfRoutes(resource: Resource): SplitTable {
  const made = tables.get(resource) ?? splitTable(forwardingRoutes(resource));
  tables.set(resource, made);
  return made;
}

/** The forwarding routes of a route configuration. */
export function forwardingRoutes(resource: Resource): readonly ForwardingRoute[] {
  const hosts = decode('envoy.config.route.v3.RouteConfiguration', resource.bytes).virtual_hosts ?? [];
  return hosts.flatMap(({ name: virtualHost = '', routes = [] }) =>
    routes.flatMap((route) => {
      const action = actionRow(route);
      return action.type === 'forward' ? [{ name: route.name ?? '', virtualHost, backends: mergedWeights(action.split) }] : [];
    }),
  );
}
