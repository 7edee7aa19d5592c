import type { Endpoint } from '../ir/backend.ts';
import { agedAfterMs, type Curve, stepMsOf } from './weight.ts';

/** A moment by both clocks: the steady one counts ages, the date is what replicas and restarts have in common. */
export interface Moment {
  /** As `Clock.steady`. */
  readonly steady: number;
  /** Milliseconds since 1970. */
  readonly date: number;
}

/** What is known of the endpoints of one pool and their ages. Immutable; times are those of the steady clock. */
export interface Ages {
  /** Every endpoint that was there last, by `addressKey`. */
  readonly known: ReadonlySet<string>;
  /** When the window of each began that has not come to its end. All others are aged. */
  readonly young: ReadonlyMap<string, number>;
  /** Since when no route sends requests to the pool, so that ages stand still. Undefined: one does. */
  readonly idleSince?: number;
}

/** An endpoint among those of its pool. */
export function addressKey({ address, port }: Pick<Endpoint, 'address' | 'port'>): string {
  return `${address} ${port}`;
}

/** Endpoints that were there before anybody looked: nobody knows their ages, and to slow all of them would spare nobody. */
export function aged(endpoints: readonly Endpoint[]): Ages {
  return { known: new Set(endpoints.map(addressKey)), young: new Map() };
}

/**
 * The ages after a look at the endpoints. One that was not there before is young; one that is gone is forgotten, and begins anew if
 * it comes back. Whether an endpoint drains makes no difference.
 */
export function observed(ages: Ages, endpoints: readonly Endpoint[], curve: Curve, now: Moment): Ages {
  const young = new Map<string, number>();
  const known = new Set<string>();
  for (const endpoint of endpoints) {
    const key = addressKey(endpoint);
    known.add(key);
    const began = ages.known.has(key) ? ages.young.get(key) : beginningOf(endpoint, curve, now);
    if (began !== undefined && ageAt(ages, began, now.steady) < agedAfterMs(curve)) young.set(key, began);
  }
  return { ...ages, known, young };
}

/**
 * When the window of a new endpoint begins: when it became ready as Kubernetes noted it, else now, put on a grid of steps. So
 * replicas that hear of it at about the same time begin at the same moment, and endpoints that come one after the other take
 * their steps together.
 */
function beginningOf({ lastChangeAt }: Endpoint, curve: Curve, { steady, date }: Moment): number {
  return onGrid(Math.min(lastChangeAt ?? date, date), curve) - date + steady;
}

/** The next moment of the grid: a window is never shorter than it was asked for. */
function onGrid(date: number, curve: Curve): number {
  const stepMs = stepMsOf(curve);
  return Math.ceil(date / stepMs) * stepMs;
}

/**
 * The ages after a look at the routes. While none sends requests nothing warms up, so ages stand still. A pool that was idle for as
 * long as its window, or longer, is cold as a whole when requests come back.
 */
export function withTraffic(ages: Ages, isBusy: boolean, curve: Curve, now: Moment): Ages {
  const { idleSince, ...rest } = ages;
  if (!isBusy) return idleSince === undefined ? { ...rest, idleSince: now.steady } : ages;
  if (idleSince === undefined) return ages;
  const idleMs = now.steady - idleSince;
  const begin = onGrid(now.date, curve) - now.date + now.steady;
  if (idleMs >= curve.windowMs) return { ...rest, young: new Map([...rest.known].map((key) => [key, begin])) };
  const delayed = (began: number): number => (began >= idleSince ? begin : onGrid(began + idleMs - now.steady + now.date, curve) - now.date + now.steady);
  return { ...rest, young: new Map([...rest.young].map(([key, began]) => [key, delayed(began)])) };
}

/** Without those whose window has come to its end. The same object where none has. */
export function grown(ages: Ages, curve: Curve, now: number): Ages {
  const young = new Map([...ages.young].filter(([, began]) => ageAt(ages, began, now) < agedAfterMs(curve)));
  return young.size === ages.young.size ? ages : { ...ages, young };
}

/** How old an endpoint is, in milliseconds; undefined: it is aged. Below 0 where the moment of the grid is still to come. */
export function ageOf(ages: Ages, endpoint: Pick<Endpoint, 'address' | 'port'>, now: number): number | undefined {
  const began = ages.young.get(addressKey(endpoint));
  return began === undefined ? undefined : ageAt(ages, began, now);
}

function ageAt({ idleSince }: Ages, began: number, now: number): number {
  return Math.min(now, idleSince ?? now) - began;
}

/** When the next share grows, by the steady clock. Undefined: none does by itself. */
export function nextStepAt(ages: Ages, curve: Curve, now: number): number | undefined {
  if (ages.idleSince !== undefined) return undefined;
  const stepMs = stepMsOf(curve);
  let next: number | undefined;
  for (const began of ages.young.values()) {
    const at = began + (Math.floor(Math.max(0, now - began) / stepMs) + 1) * stepMs;
    next = Math.min(next ?? at, at);
  }
  return next;
}
