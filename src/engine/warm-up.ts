import { type Clock, dateOf } from '../clock.ts';
import type { Endpoint, EndpointOrigin, EndpointSet, SlowStart } from '../ir/backend.ts';
import { ownerOf, poolOf } from '../ir/endpoint-owner.ts';
import type { Group } from '../ir/gateway.ts';
import type { History, LastServed } from '../revision/history.ts';
import type { StoreView } from '../store/view.ts';
import { endpointSet } from '../translate/endpoints.ts';
import { type Ages, aged, ageOf, grown, type Moment, nextStepAt, observed, withTraffic } from '../warm-up/ages.ts';
import { agreedAges, type KeptAges, keptAges, restoredAges } from '../warm-up/kept-ages.ts';
import { lastKnownEndpoints } from '../warm-up/last-known.ts';
import type { IdlePool, PoolWarmUp } from '../warm-up/pool-warm-up.ts';
import { busyClusters } from '../warm-up/traffic.ts';
import { sharePercent } from '../warm-up/weight.ts';
import { weightedSet } from '../warm-up/weighted-set.ts';
import type { Weigh } from './endpoints-now.ts';

/** How long a step waits for a build, in which endpoints may come together with their routes, before it looks again. */
const patienceMs = 50;
/** Pools that nothing asks for any more are remembered, as an older version may come back; of more than this the oldest are forgotten. */
const mostLeft = 1000;

/** The shell around the ages of endpoints: knows when each became ready, and raises its weight in steps. */
export interface WarmUp {
  readonly weigh: Weigh;
  /** A build is done: which endpoints are warmed up, and which of them get requests. Called before it is served. */
  built(groups: Iterable<Group>): void;
  /** Endpoints of these owners (`ownerOf`) changed. Called before they are served. */
  observe(owners: readonly string[]): void;
  /** Owners of endpoints that Sluice weighs now, as some of them are young. */
  owners(): readonly string[];
  /** Every pool that is warmed up, by name. Of those that Envoys warm up the ages are those that Sluice knows: an Envoy that started later knows less. */
  pools(): readonly PoolWarmUp[];
  /** Pools without requests, also those that nothing asks for any more. */
  idle(): readonly IdlePool[];
  /** What is known of ages now, as it is kept. */
  ages(): KeptAges;
  /** Takes over what another replica knows of ages; weights that change by it are stepped to at once. */
  agree(ages: KeptAges): void;
  stop(): void;
}

interface WarmUpOptions {
  readonly view: StoreView;
  readonly clock: Clock;
  readonly history: Pick<History, 'ages'>;
  /** What was served before the start. */
  readonly stored: readonly LastServed[];
  /** What was known of ages before the start. */
  readonly ages: KeptAges;
  /** Whether nothing is under way that weights must not overtake. */
  readonly mayStep: () => boolean;
  /** Shares of endpoints of these owners grew. */
  readonly onStep: (owners: readonly string[]) => void;
}

/** What a policy asks for. */
interface Wanted {
  readonly origin: EndpointOrigin;
  readonly slowStart: SlowStart;
  readonly prefersZone: boolean;
  /** Names of its clusters, in whichever group. */
  readonly clusters: Set<string>;
  isBusy: boolean;
}

/** A pool that nothing asks for any more. */
interface Left {
  readonly ages: Ages;
  /** What asked for it last. Undefined: that was before the start. */
  readonly wanted?: Wanted;
}

interface Pool extends Wanted {
  readonly name: string;
  readonly set: EndpointSet;
  readonly ages: Ages;
  /** By the steady clock; undefined: no share grows by itself. */
  readonly nextStepAt: number | undefined;
}

/** Makes one that knows no endpoint. */
export function createWarmUp({ view, clock, history, stored, ages, mayStep, onStep }: WarmUpOptions): WarmUp {
  const pools = new Map<string, Pool>();
  /** Those of which not all endpoints are aged and get requests: what time and restarts are about. */
  const notable = new Map<string, Pool>();
  /** Names of pools by the owner of their endpoints. */
  let poolsOf: ReadonlyMap<string, readonly string[]> = new Map();
  const left = new Map<string, Left>();
  /** What was known before the start. Undefined after the first build. */
  let past: { readonly ages: KeptAges; readonly known: ReturnType<typeof lastKnownEndpoints> } | undefined = { ages, known: lastKnownEndpoints(stored) };
  let cancelTimer: (() => void) | undefined;

  const moment = (): Moment => {
    const steady = clock.steady();
    return { steady, date: dateOf(clock, steady) };
  };

  const setOf = ({ origin, clusters }: Wanted): EndpointSet => {
    const [name = ''] = clusters;
    return endpointSet(view, { name, endpoints: origin }) ?? { cluster: name, endpoints: [], origins: [] };
  };

  /** What is known of a pool that is looked at for the first time. */
  function begun(name: string, { endpoints }: EndpointSet, now: Moment): Ages {
    const [known, kept] = [past?.known(name), past?.ages[name]];
    return known || kept ? restoredAges(kept, known ?? aged(endpoints).known, now) : aged(endpoints);
  }

  function look(name: string, wanted: Wanted, now: Moment): void {
    const pool = pools.get(name);
    const set = setOf(wanted);
    const before = pool?.ages ?? left.get(name)?.ages ?? begun(name, set, now);
    left.delete(name);
    const seen = set === pool?.set ? before : observed(before, set.endpoints, wanted.slowStart, now);
    const ages = withTraffic(seen, wanted.isBusy, wanted.slowStart, now);
    put({ ...wanted, name, set, ages, nextStepAt: nextStepAt(ages, wanted.slowStart, now.steady) });
  }

  function put(pool: Pool): void {
    pools.set(pool.name, pool);
    if (pool.ages.young.size > 0 || pool.ages.idleSince !== undefined) notable.set(pool.name, pool);
    else notable.delete(pool.name);
  }

  function leave(pool: Pool, now: Moment): void {
    pools.delete(pool.name);
    notable.delete(pool.name);
    remember(pool.name, { ages: withTraffic(pool.ages, false, pool.slowStart, now), wanted: pool });
  }

  function remember(name: string, one: Left): void {
    left.set(name, one);
    const [oldest] = left.keys();
    if (left.size > mostLeft && oldest !== undefined) left.delete(oldest);
  }

  function arm(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    const at = Math.min(...[...notable.values()].map(({ nextStepAt: next }) => next ?? Number.POSITIVE_INFINITY));
    if (at < Number.POSITIVE_INFINITY) cancelTimer = clock.after(Math.max(0, at - clock.steady()), step);
  }

  function step(): void {
    if (!mayStep()) {
      cancelTimer = clock.after(patienceMs, step);
      return;
    }
    const now = clock.steady();
    const due = [...notable.values()].filter(({ nextStepAt: at }) => at !== undefined && at <= now);
    for (const pool of due) {
      const ages = grown(pool.ages, pool.slowStart, now);
      put({ ...pool, ages, nextStepAt: nextStepAt(ages, pool.slowStart, now) });
    }
    settle();
    onStep(due.flatMap(({ origin, slowStart }) => (slowStart.by === 'Sluice' ? (ownerOf(origin) ?? []) : [])));
  }

  const agesNow = (): KeptAges =>
    keptAges(
      [...left, ...notable].map(([name, { ages: known }]) => [name, known] as const),
      moment(),
    );

  function settle(): void {
    history.ages(agesNow());
    arm();
  }

  const shareOf = ({ ages, slowStart }: Pool, endpoint: Endpoint, now: number): number => {
    const ageMs = ageOf(ages, endpoint, now);
    return ageMs === undefined ? 100 : sharePercent(ageMs, slowStart);
  };

  return {
    weigh(origin, set) {
      const pool = pools.get(poolOf(origin) ?? '');
      if (pool?.slowStart.by !== 'Sluice' || pool.ages.young.size === 0) return set;
      const now = clock.steady();
      return weightedSet(set, (endpoint) => shareOf(pool, endpoint, now), pool.prefersZone);
    },
    built(some) {
      const now = moment();
      const groups = [...some];
      const wanted = wantedOf(groups);
      for (const [name, pool] of pools) if (!wanted.has(name)) leave(pool, now);
      for (const [name, one] of wanted) look(name, one, now);
      for (const [name, kept] of Object.entries(past?.ages ?? {})) {
        if (!pools.has(name)) remember(name, { ages: { idleSince: now.steady, ...restoredAges(kept, past?.known(name) ?? new Set(), now) } });
      }
      // Requests go on where only the policy is gone: whoever is there when it comes back is aged.
      for (const name of poolsWithoutSlowStart(groups, left)) left.delete(name);
      past = undefined;
      const named = [...pools.values()].map(({ name, origin }) => ({ name, owner: ownerOf(origin) ?? '' }));
      poolsOf = new Map([...Map.groupBy(named, ({ owner }) => owner)].map(([owner, all]) => [owner, all.map(({ name }) => name)]));
      settle();
    },
    observe(owners) {
      const names = owners.flatMap((owner) => poolsOf.get(owner) ?? []);
      if (names.length === 0) return;
      const now = moment();
      for (const pool of names.flatMap((name) => pools.get(name) ?? [])) look(pool.name, pool, now);
      settle();
    },
    owners: () =>
      [...notable.values()].flatMap(({ origin, ages, slowStart }) => (ages.young.size === 0 || slowStart.by !== 'Sluice' ? [] : (ownerOf(origin) ?? []))),
    pools() {
      const now = clock.steady();
      return [...pools.values()].map((pool) => ({
        name: pool.name,
        origin: pool.origin,
        clusters: [...pool.clusters],
        by: pool.slowStart.by,
        windowMs: pool.slowStart.windowMs,
        isIdle: pool.ages.idleSince !== undefined,
        endpoints: pool.set.endpoints.map((endpoint) => ({ ...endpoint, percent: shareOf(pool, endpoint, now) })),
      }));
    },
    idle() {
      const now = clock.steady();
      return [...[...left.values()].flatMap(({ ages: known, wanted }) => (wanted ? { ...wanted, ages: known } : [])), ...notable.values()].flatMap(
        ({ clusters, slowStart: { windowMs }, ages: { idleSince } }) =>
          idleSince === undefined ? [] : { clusters: [...clusters], windowMs, idleMs: now - idleSince },
      );
    },
    ages: agesNow,
    agree(theirs) {
      const now = moment();
      const found = Object.entries(theirs).flatMap(([name, one]) => {
        const pool = pools.get(name);
        const agreed = pool && agreedAges(pool.ages, one, pool.slowStart, now);
        return pool && agreed && agreed !== pool.ages ? [{ ...pool, ages: agreed, nextStepAt: now.steady }] : [];
      });
      if (found.length === 0) return;
      for (const pool of found) put(pool);
      settle();
    },
    stop: () => cancelTimer?.(),
  };
}

/** The pools of all backends that are to be warmed up, by name. A backend that several groups have is one pool. */
function wantedOf(groups: Iterable<Group>): ReadonlyMap<string, Wanted> {
  const found = new Map<string, Wanted>();
  for (const group of groups) {
    const asking = group.backends.filter(({ slowStart }) => slowStart !== undefined);
    const busy = asking.some(({ slowStart }) => slowStart?.by === 'Sluice') ? busyClusters(group) : new Set<string>();
    for (const { name: cluster, endpoints: origin, slowStart, preferLocalZone: prefersZone } of asking) {
      const name = poolOf(origin);
      if (name === undefined || !slowStart) continue;
      const one = found.get(name) ?? { origin, slowStart, prefersZone, clusters: new Set(), isBusy: false };
      one.clusters.add(cluster);
      // For an Envoy time goes on whether there are requests or not.
      one.isBusy ||= slowStart.by === 'Envoy' || busy.has(cluster);
      found.set(name, one);
    }
  }
  return found;
}

/** Those of these pools that some group has a backend for, which is not to be warmed up. */
function poolsWithoutSlowStart(groups: readonly Group[], pools: ReadonlyMap<string, unknown>): readonly string[] {
  if (pools.size === 0) return [];
  const names = groups.flatMap(({ backends }) => backends).flatMap(({ endpoints, slowStart }) => (slowStart ? [] : (poolOf(endpoints) ?? [])));
  return names.filter((name) => pools.has(name));
}
