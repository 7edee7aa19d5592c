import type { Resource } from '../resource.ts';
import type { AwayEnvoy } from './away-envoys.ts';
import { routesBesideSplits, routesNamed } from './forwarding-routes.ts';
import type { Latency, LatencyLedger } from './latency-ledger.ts';
import type { LoadLedger } from './ledger.ts';
import { type SplitTimes, sharesKey } from './split-times.ts';
import { type Split, type SplitTable, shareOf, type Weighted } from './splits.ts';
import type { TimedLoad } from './tally.ts';

/** A route that shares requests out, with the three numbers of each of its clusters. */
export interface SplitRow {
  readonly group: string;
  /** Identity of the rule. */
  readonly route: string;
  readonly virtualHosts: readonly string[];
  /** Those of today first, then such as an Envoy still has. */
  readonly backends: readonly SplitBackendRow[];
  /** Envoys that are connected and have routes. */
  readonly envoys: number;
  /** Of these, ids of those that report their requests. */
  readonly reporting: readonly string[];
  /** Ids of Envoys that went before they had the shares that are served, lately, and did not come back: they ended, or go on with what they had. */
  readonly away: readonly string[];
  /** The time that was measured, in milliseconds; undefined where nothing was, see `unmeasured`. */
  readonly overMs?: number;
  /** How long the shares that are served have been what they are, in milliseconds; undefined: longer than this server knows. */
  readonly forMs?: number;
  /** Other routes with the very same shares: what is measured is of all their requests together. */
  readonly countedWith: readonly string[];
  /** Why there is no exact measured share. `noReports`: no Envoy reports; `tooSoon`: no report of the time since the last change yet; `noRequests`; `otherRoutes`: see `otherRoutes` of the backends. */
  readonly unmeasured?: 'noReports' | 'tooSoon' | 'noRequests' | 'otherRoutes';
}

/** One cluster of a split. */
export interface SplitBackendRow {
  readonly cluster: string;
  /** What the objects ask for, 0 to 1. Undefined: they do not name it any more. */
  readonly wanted?: number;
  /** What Envoys have acknowledged, the share of most Envoys first. An undefined share: these do not send anything there any more, or not yet. */
  readonly acknowledged: readonly AcknowledgedShare[];
  /** Not wanted any more: ids of the connected Envoys that may still have the cluster. It is removed when none does, and none of those that are `away`. */
  readonly remainsAt?: readonly string[];
  /** What was counted in `overMs`. Undefined: no Envoy reports. */
  readonly measured?: MeasuredLoad;
  /** The same since the shares changed last. Undefined: they did not since the server started. */
  readonly sinceChange?: MeasuredLoad;
  /** What else sends requests there, with other shares: routes, copies, questions of who may ask, connections that pass as they come. They are counted with it. */
  readonly otherRoutes: readonly string[];
}

/** One share, and who has it. */
export interface AcknowledgedShare {
  readonly share?: number;
  /** Ids, sorted. */
  readonly envoys: readonly string[];
}

/** What was counted of a cluster. Every try is a request. */
export interface MeasuredLoad {
  readonly requests: number;
  readonly errors: number;
  /** Under way at once, on average. */
  readonly inProgress: number;
  /** Its part of the requests of the split, 0 to 1. Undefined: not known, see `unmeasured`. */
  readonly share?: number;
  /** Limits of that part where other routes use clusters of the split too. Undefined: their requests say nothing of it. */
  readonly shareWithin?: ShareLimits;
  /** How long the requests of the last minute took. Undefined: no request was answered, or no Envoy tells. */
  readonly latency?: Latency;
}

/** A part of requests that is not known exactly, 0 to 1. */
interface ShareLimits {
  readonly atLeast: number;
  readonly atMost: number;
}

/** An Envoy as far as its routes and clusters are known. */
interface Holder {
  readonly id: string;
  /** The route configurations that it acknowledged; without `resource` where they are not known here. */
  readonly routes: readonly { readonly name: string; readonly resource?: Resource }[];
  mayHaveCluster(name: string): boolean;
}

/** What rows are made of. */
export interface SplitSources {
  readonly group: string;
  /** What the objects ask for. */
  readonly wanted: SplitTable;
  /** What is served. Not `wanted` while something newer is held. */
  readonly served: SplitTable;
  readonly holders: readonly Holder[];
  readonly away?: readonly AwayEnvoy[];
  /** Undefined where there is no server. */
  readonly load?: LoadLedger;
  readonly latency?: LatencyLedger;
  readonly times?: SplitTimes;
  readonly now: number;
}

/** The splits of a group, and the routes that were one until lately, in the order of the routes. */
export function splitRows(sources: SplitSources): readonly SplitRow[] {
  const { group, wanted, served, holders, times } = sources;
  const tables = holders.map((holder) => ({ holder, tables: tablesOf(holder) })).filter((one) => one.tables.length > 0);
  const candidates = new Set([...wanted.splits.keys(), ...served.splits.keys(), ...(times?.routes(group) ?? [])]);
  for (const table of new Set(tables.flatMap((one) => one.tables))) {
    for (const [name, { backends }] of routesBesideSplits(table)) if (backends.length > 1) candidates.add(name);
  }
  const routes = acknowledgedRoutes(candidates);
  const rows = [...candidates].flatMap((route) => {
    const row = rowOf(
      route,
      sources,
      tables.map((one) => ({ holder: one.holder, split: routes(one.tables, route) })),
    );
    return row ? [row] : [];
  });
  const order = new Map([...wanted.routes.keys()].map((name, index) => [name, index]));
  return rows.sort((a, b) => (order.get(a.route) ?? order.size) - (order.get(b.route) ?? order.size));
}

function tablesOf({ routes }: Holder): readonly Resource[] {
  return routes.flatMap(({ resource }) => resource ?? []);
}

/** Finds routes in the route configurations that an Envoy has: most Envoys have the same ones. @param names of all that will be asked for. */
function acknowledgedRoutes(names: ReadonlySet<string>): (tables: readonly Resource[], route: string) => Split | undefined {
  const others = new Map<Resource, ReadonlyMap<string, Split>>();
  const othersIn = (table: Resource): ReadonlyMap<string, Split> => {
    const found = others.get(table) ?? routesNamed(table, names);
    others.set(table, found);
    return found;
  };
  const first = (tables: readonly Resource[], route: string, routesOf: (table: Resource) => ReadonlyMap<string, Split>): Split | undefined =>
    tables.map((table) => routesOf(table).get(route)).find((split) => split !== undefined);
  // What shares nothing out there may have become a split since, or been one before.
  return (tables, route) => first(tables, route, routesBesideSplits) ?? first(tables, route, othersIn);
}

function rowOf(route: string, sources: SplitSources, acknowledged: AcknowledgedSplits): SplitRow | undefined {
  const { group, wanted, served, load, times, away = [], now } = sources;
  const asked = wanted.routes.get(route);
  const current = served.routes.get(route);
  const change = current && times?.changeOf(group, current);
  const gone = change?.since === undefined ? [] : wentBefore(change.since + acknowledgedWithinMs, away);
  const today = asked?.backends.map(({ cluster }) => cluster) ?? [];
  const former = [...(change?.before?.backends ?? []), ...acknowledged.flatMap(({ split }) => split?.backends ?? [])].map(({ cluster }) => cluster);
  const atThose = gone.length === 0 ? [] : (change?.before?.backends ?? []).map(({ cluster }) => cluster);
  const isThere = (cluster: string): boolean => atThose.includes(cluster) || isStillThere(cluster, acknowledged, sources);
  const leaving = [...new Set(former)].filter((cluster) => !today.includes(cluster) && isThere(cluster));
  if (today.length + leaving.length < 2) return undefined;
  const clusters = [...today, ...leaving];
  const measured = current && load ? measure(current, clusters, sources, load, change?.since) : undefined;
  const backends = clusters.map((cluster): SplitBackendRow => {
    const wantedShare = asked && shareOf(asked.backends, cluster);
    const shown = measured?.of.get(cluster);
    return {
      cluster,
      ...(wantedShare === undefined ? { remainsAt: stillAt(cluster, acknowledged, sources) } : { wanted: wantedShare }),
      acknowledged: acknowledgedShares(cluster, acknowledged),
      ...(shown?.window ? { measured: shown.window } : {}),
      ...(shown?.sinceChange && change?.since !== undefined ? { sinceChange: shown.sinceChange } : {}),
      otherRoutes: current ? otherRoutes(current, cluster, served) : [],
    };
  });
  return {
    group,
    route,
    virtualHosts: (asked ?? current)?.virtualHosts ?? [],
    backends,
    envoys: new Set(acknowledged.map(({ holder }) => holder.id)).size,
    reporting: load?.reporters(group, now) ?? [],
    away: gone,
    countedWith: current && measured?.overMs !== undefined ? alikeRoutes(current, served) : [],
    ...(measured?.overMs === undefined ? {} : { overMs: measured.overMs }),
    ...(change?.since === undefined ? {} : { forMs: now - change.since }),
    ...(measured?.unmeasured ? { unmeasured: measured.unmeasured } : {}),
  };
}

/** How long an Envoy may take for new shares. One that went sooner may have left without them. */
const acknowledgedWithinMs = 30_000;

function wentBefore(moment: number, away: readonly AwayEnvoy[]): readonly string[] {
  return away.filter(({ wentAt }) => wentAt < moment).map(({ id }) => id);
}

type AcknowledgedSplits = readonly { readonly holder: Holder; readonly split: Split | undefined }[];

/** Whether an Envoy still sends requests to a cluster by this route, or has the cluster though nothing asks for it any more. */
function isStillThere(cluster: string, acknowledged: AcknowledgedSplits, sources: SplitSources): boolean {
  return stillAt(cluster, acknowledged, sources).length > 0;
}

function stillAt(cluster: string, acknowledged: AcknowledgedSplits, { wanted }: SplitSources): readonly string[] {
  const isUsed = wanted.users.has(cluster);
  const ids = acknowledged.flatMap(({ holder, split }) =>
    split?.backends.some((backend) => backend.cluster === cluster) || (!isUsed && holder.mayHaveCluster(cluster)) ? [holder.id] : [],
  );
  return [...new Set(ids)].sort();
}

function acknowledgedShares(cluster: string, acknowledged: AcknowledgedSplits): readonly AcknowledgedShare[] {
  const byShare = new Map<number | undefined, Set<string>>();
  for (const { holder, split } of acknowledged) {
    const share = split && shareOf(split.backends, cluster);
    const ids = byShare.get(share) ?? new Set();
    byShare.set(share, ids.add(holder.id));
  }
  const shares = [...byShare].map(([share, ids]) => ({ ...(share === undefined ? {} : { share }), envoys: [...ids].sort() }));
  return shares.sort((a, b) => b.envoys.length - a.envoys.length);
}

/** Those that use a cluster, besides the routes with the very same shares, whose requests are divided alike. */
function otherRoutes(split: Split, cluster: string, table: SplitTable): readonly string[] {
  const key = sharesKey(split);
  return usersOf(cluster, table).flatMap((other) => (sharesKey(other) === key ? [] : [other.route]));
}

function alikeRoutes(split: Split, table: SplitTable): readonly string[] {
  const key = sharesKey(split);
  const [first] = split.backends;
  return first ? usersOf(first.cluster, table).flatMap((other) => (other.route !== split.route && sharesKey(other) === key ? [other.route] : [])) : [];
}

function usersOf(cluster: string, { users, routes }: SplitTable): readonly Split[] {
  return [...(users.get(cluster) ?? [])].flatMap((name) => routes.get(name) ?? []);
}

interface Measured {
  readonly overMs?: number;
  readonly unmeasured?: NonNullable<SplitRow['unmeasured']>;
  readonly of: ReadonlyMap<string, { readonly window: MeasuredLoad; readonly sinceChange: MeasuredLoad }>;
}

function measure(split: Split, clusters: readonly string[], { group, served, latency, now }: SplitSources, load: LoadLedger, since = 0): Measured {
  const reporters = load.reporters(group, now);
  if (reporters.length === 0) return { unmeasured: 'noReports', of: new Map() };
  const from = Math.max(now - load.windowMs(group), since);
  const windows = new Map(clusters.map((cluster) => [cluster, load.cluster(group, cluster, from)]));
  const sinceChange = new Map(clusters.map((cluster) => [cluster, load.clusterSinceMark(group, cluster)]));
  const shared = new Set(split.backends.map(({ cluster }) => cluster).filter((cluster) => otherRoutes(split, cluster, served).length > 0));
  const used = [...windows.values()].filter(({ from: begin, to }) => to > begin);
  const of = new Map(
    clusters.map((cluster) => {
      const times = latency?.cluster(group, cluster, from);
      const window = { ...measuredLoad(cluster, windows, split.backends, shared), ...(times ? { latency: times } : {}) };
      return [cluster, { window, sinceChange: measuredLoad(cluster, sinceChange, split.backends, shared) }];
    }),
  );
  if (used.length === 0) return { unmeasured: load.hasReportSince(group, from) ? 'noRequests' : 'tooSoon', of };
  const overMs = Math.max(...used.map(({ to }) => to)) - Math.min(...used.map(({ from: begin }) => begin));
  return { overMs, ...(shared.size > 0 ? { unmeasured: 'otherRoutes' as const } : {}), of };
}

function measuredLoad(cluster: string, loads: ReadonlyMap<string, TimedLoad>, backends: readonly Weighted[], shared: ReadonlySet<string>): MeasuredLoad {
  const { issued = 0, failed = 0, activeMs = 0, from = 0, to = 0 } = loads.get(cluster) ?? {};
  const isPart = backends.some((backend) => backend.cluster === cluster);
  const limits = isPart ? shareLimits(cluster, loads, shared) : undefined;
  return {
    requests: issued,
    errors: failed,
    inProgress: to > from ? activeMs / (to - from) : 0,
    ...(limits && shared.size === 0 ? { share: limits.atMost } : {}),
    ...(limits && shared.size > 0 && limits.atMost - limits.atLeast < 1 ? { shareWithin: limits } : {}),
  };
}

/**
 * Of a cluster that other routes use too, the split may have sent all requests or none; of the others all are its own.
 * Undefined: there are none.
 */
function shareLimits(cluster: string, loads: ReadonlyMap<string, TimedLoad>, shared: ReadonlySet<string>): ShareLimits | undefined {
  let [othersLeast, othersMost] = [0, 0];
  for (const [name, { issued }] of loads) {
    if (name === cluster) continue;
    othersMost += issued;
    if (!shared.has(name)) othersLeast += issued;
  }
  const most = loads.get(cluster)?.issued ?? 0;
  const least = shared.has(cluster) ? 0 : most;
  if (most + othersMost === 0) return undefined;
  const part = (own: number, others: number): number => (own === 0 ? 0 : own / (own + others));
  return { atLeast: part(least, othersMost), atMost: part(most, othersLeast) };
}
