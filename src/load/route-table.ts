import { decode } from '../proto/codec.ts';
import type { Resource } from '../resource.ts';
import { actionRow } from '../row/route-rows.ts';
import { type ForwardingRoute, mergedWeights, type SplitTable, splitTable, wholeOf } from './splits.ts';

/** What was read of a route configuration: most Envoys have the same one. */
const tables = new WeakMap<Resource, SplitTable>();

/** The table of a route configuration as an Envoy has it. */
export function tableOfRoutes(resource: Resource): SplitTable {
  const made = tables.get(resource) ?? splitTable(forwardingRoutes(resource));
  tables.set(resource, made);
  return made;
}

/** The forwarding routes of a route configuration, and their copies. What else sends requests to clusters does not stand in it. */
export function forwardingRoutes(resource: Resource): readonly ForwardingRoute[] {
  const hosts = decode('envoy.config.route.v3.RouteConfiguration', resource.bytes).virtual_hosts ?? [];
  return hosts.flatMap(({ name: virtualHost = '', routes = [] }) =>
    routes.flatMap((route) => {
      const action = actionRow(route);
      if (action.type !== 'forward') return [];
      const { name = '' } = route;
      const copies = (route.route?.request_mirror_policies ?? []).map(({ cluster = '' }) => wholeOf(`copies of ${name}`, virtualHost, cluster));
      return [{ name, virtualHost, backends: mergedWeights(action.split) }, ...copies];
    }),
  );
}
