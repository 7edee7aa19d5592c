import type { Ages, Moment } from './ages.ts';
import { agedAfterMs, type Curve, stepMsOf } from './weight.ts';

/** What is kept of ages over restarts, by pool (`poolOf`); pools of which all endpoints are aged and get requests are left out. */
export type KeptAges = Readonly<Record<string, KeptPoolAges>>;

/** Times are milliseconds since 1970. */
interface KeptPoolAges {
  /** When the window of each young endpoint began, by `addressKey`. */
  readonly young: Readonly<Record<string, number>>;
  /** Since when no route sends requests to it. Undefined: one does. */
  readonly idleSince?: number;
}

/** Ages as they are kept. */
export function keptAges(pools: Iterable<readonly [name: string, ages: Ages]>, { steady, date }: Moment): KeptAges {
  const kept: [string, KeptPoolAges][] = [];
  for (const [name, { young, idleSince }] of pools) {
    if (young.size === 0 && idleSince === undefined) continue;
    const times = Object.fromEntries([...young].map(([key, began]) => [key, began - steady + date]));
    kept.push([name, { young: times, ...(idleSince === undefined ? {} : { idleSince: idleSince - steady + date }) }]);
  }
  return Object.fromEntries(kept);
}

/**
 * Ages as they were kept. Times in the future, as the clock of the machine was set back, count as now.
 * @param kept undefined: none of them was young.
 * @param known the endpoints that were there, as `addressKey`.
 */
export function restoredAges(kept: KeptPoolAges | undefined, known: ReadonlySet<string>, { steady, date }: Moment): Ages {
  const timeOf = (at: number): number => Math.min(at, date) - date + steady;
  const young = new Map(Object.entries(kept?.young ?? {}).map(([key, began]) => [key, timeOf(began)]));
  const idleSince = kept?.idleSince;
  return { known: new Set([...known, ...young.keys()]), young, ...(idleSince === undefined ? {} : { idleSince: timeOf(idleSince) }) };
}

/** What two have kept; of what both have, the second counts. */
export function joinedAges(first: KeptAges, second: KeptAges): KeptAges {
  const joined = Object.entries(second).map(([name, one]) => [name, { ...one, young: { ...first[name]?.young, ...one.young } }]);
  return { ...first, ...Object.fromEntries(joined) };
}

/**
 * Ages as another replica knows them: they hold where this one knows others, of endpoints that both know, and while both say alike
 * whether there are requests. What is young here alone stays so. The same object where nothing differs.
 */
export function agreedAges(ages: Ages, kept: KeptPoolAges, curve: Curve, { steady, date }: Moment): Ages {
  if ((ages.idleSince === undefined) !== (kept.idleSince === undefined)) return ages;
  const timeOf = (at: number): number => at - date + steady;
  const idleSince = kept.idleSince === undefined || ages.idleSince === undefined ? undefined : Math.min(timeOf(kept.idleSince), ages.idleSince);
  const young = new Map(ages.young);
  for (const [key, at] of Object.entries(kept.young)) {
    // A window begins with the next step at the latest: what begins later is told by a clock that is wrong.
    const isYoung = at <= date + stepMsOf(curve) && (idleSince ?? steady) - timeOf(at) < agedAfterMs(curve);
    if (isYoung && ages.known.has(key)) young.set(key, timeOf(at));
  }
  const isSame = idleSince === ages.idleSince && young.size === ages.young.size && [...young].every(([key, began]) => ages.young.get(key) === began);
  return isSame ? ages : { ...ages, young, ...(idleSince === undefined ? {} : { idleSince }) };
}
