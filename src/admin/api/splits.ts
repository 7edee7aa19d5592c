import { Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { forwardingRoutes } from '../../load/forwarding-routes.ts';
import { type SplitRow, splitRows } from '../../load/split-rows.ts';
import { type SplitTable, splitTable, splitTableOf } from '../../load/splits.ts';
import type { Snapshot } from '../../resource.ts';
import { chooseSnapshots } from '../choose-group.ts';
import { checked } from '../query.ts';
import type { Served } from '../served.ts';

/** The answer of `GET /api/v1/splits`: the routes that share requests out, with the wanted, the acknowledged and the measured share of each cluster. */
export interface SplitsAnswer {
  readonly rows: readonly SplitRow[];
}

const query = z.strictObject({ group: z.string().optional(), name: z.string().optional() });

/** The splits of one group or all; `name` is that of a route, a virtual host or a cluster. */
export function splitsApi(served: Served, clock: Clock): Hono {
  return new Hono().get('/splits', (context) => {
    const { group, name } = checked(query, 'query', context.req.query());
    const rows = chooseSnapshots(served, group).flatMap((snapshot) => splitsOf(snapshot, served, clock));
    const answer: SplitsAnswer = { rows: name === undefined ? rows : rows.filter((row) => namesOf(row).includes(name)) };
    return context.json(answer);
  });
}

/** The splits of what a group is served. */
export function splitsOf(snapshot: Snapshot, served: Served, clock: Clock): readonly SplitRow[] {
  const { group } = snapshot;
  const { envoys } = served;
  const representation = served.group(group);
  const current = representation ? splitTableOf(representation) : tableOfSnapshot(snapshot);
  const newest = envoys?.newest(group);
  const holders = (envoys?.holders(group) ?? []).map(({ id, acknowledged, mayHave }) => ({
    id,
    routes: acknowledged('routes'),
    mayHaveCluster: (name: string) => mayHave('clusters', name),
  }));
  return splitRows({
    group,
    wanted: newest ? splitTableOf(newest) : current,
    served: current,
    holders,
    ...(envoys ? { away: envoys.away.of(group, clock.steady()), load: envoys.load, latency: envoys.latency, times: envoys.times } : {}),
    now: clock.steady(),
  });
}

/** Where nothing but resources is known: of what was stored. */
function tableOfSnapshot({ resources }: Snapshot): SplitTable {
  return splitTable([...resources.routes.values()].flatMap(forwardingRoutes));
}

function namesOf({ route, virtualHosts, backends }: SplitRow): readonly string[] {
  return [route, ...virtualHosts, ...backends.map(({ cluster }) => cluster)];
}
