import { Hono } from 'hono';
import { z } from 'zod';
import { type ResourceType, resourceTypes, type Snapshot } from '../../resource.ts';
import { type ClusterRow, clusterRows } from '../../row/cluster-rows.ts';
import { type EndpointRow, endpointRows, type OutAt } from '../../row/endpoint-rows.ts';
import { type ListenerRow, listenerRows } from '../../row/listener-rows.ts';
import { type RouteRow, routeRows } from '../../row/route-rows.ts';
import { type SecretRow, secretRows } from '../../row/secret-rows.ts';
import type { OutAtEnvoy } from '../../status/envoy-admins.ts';
import { chooseSnapshots } from '../choose-group.ts';
import { checked } from '../query.ts';
import type { Served } from '../served.ts';
import { withWarmUps } from '../warm-up-rows.ts';

/** The rows of each type. */
export interface RowOf {
  readonly listeners: ListenerRow;
  readonly routes: RouteRow;
  readonly clusters: ClusterRow;
  readonly endpoints: EndpointRow;
  readonly secrets: SecretRow;
}

/** The answer of `GET /api/v1/resources/TYPE`: what is served, by type, one row an entry of the table that people read. */
export interface ResourcesAnswer<Type extends ResourceType = ResourceType> {
  readonly type: Type;
  /** By group, in the order of the resources. */
  readonly rows: readonly RowOf[Type][];
}

const type = z.enum(resourceTypes);
const query = z.strictObject({ group: z.string().optional(), name: z.string().optional() });

/** The resources of one type, of one group or all; `name` is that of a resource (for routes also of a virtual host or a route). */
export function resourcesApi(served: Served): Hono {
  return new Hono().get('/resources/:type', (context) => {
    const wanted = checked(type, 'type', context.req.param('type'));
    const { group, name } = checked(query, 'query', context.req.query());
    const rows = chooseSnapshots(served, group).flatMap((snapshot): readonly RowOf[ResourceType][] => rowsOf[wanted](snapshot, served));
    const answer: ResourcesAnswer = { type: wanted, rows: name === undefined ? rows : rows.filter((row) => namesOf(row).includes(name)) };
    return context.json(answer);
  });
}

const rowsOf: { readonly [Type in ResourceType]: (snapshot: Snapshot, served: Served) => readonly RowOf[Type][] } = {
  listeners: listenerRows,
  routes: (snapshot, served) => routeRows(snapshot, served.group(snapshot.group)),
  clusters: clusterRows,
  endpoints: (snapshot, served) => {
    const outAt = served.outEndpoints?.().filter(({ group }) => group === snapshot.group) ?? [];
    return withOut(withWarmUps(endpointRows(snapshot), served), outAt);
  },
  secrets: secretRows,
};

/** Adds which of these Envoys leave each endpoint out. */
function withOut(rows: readonly EndpointRow[], envoys: readonly OutAtEnvoy[]): readonly EndpointRow[] {
  if (envoys.length === 0) return rows;
  const found = new Map<string, OutAt[]>();
  for (const { node, endpoints } of envoys) {
    for (const { cluster, address, port, ...why } of endpoints) {
      const key = JSON.stringify([cluster, address, port]);
      found.set(key, [...(found.get(key) ?? []), { envoy: node, ...why }]);
    }
  }
  return rows.map((row) => ({ ...row, outAt: found.get(JSON.stringify([row.cluster, row.address, row.port])) ?? [] }));
}

/** By which names a row may be asked for. */
function namesOf(row: RowOf[ResourceType]): readonly string[] {
  if ('configuration' in row) return [row.configuration, row.virtualHost, row.name, ...row.domains];
  return ['cluster' in row ? row.cluster : row.name];
}
