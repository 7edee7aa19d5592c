import type { ResourceType } from '../../resource.ts';
import type { StreamState } from './stream-state.ts';
import { hasSent } from './subscription.ts';

// What one client refuses, all of its version are spared, as it is the same program. But a port that another process has, or another
// listener of its own, or that it may not bind, says nothing of the others; and it may get free though no object changes. So this counts for the one client, and is tried
// again by itself.

/** A listener that could not bind its address. */
export interface Unbound {
  /** Of the listener. */
  readonly version: string;
  /** From the refusal to the next try. */
  readonly waitMs: number;
  /** When it is tried again. */
  readonly at: number;
}

const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/**
 * Whether the place of the client is the reason why it refused a resource that its words name: `NAME: cannot bind '0.0.0.0:80': WHY`, or
 * `error adding listener: 'NAME' has duplicate address '0.0.0.0:80' as existing listener`.
 * @param isAlone whether the words are about nothing else.
 */
export function isOfPlace(type: ResourceType, name: string, message: string, isAlone: boolean): boolean {
  if (type !== 'listeners') return false;
  return message.includes(isAlone ? "cannot bind '" : `${name}: cannot bind '`) || message.includes(`'${name}' has duplicate address '`);
}

/** Notes a listener that is held back for its place: the second try comes after a second, each later one after twice as long, a minute at most. */
export function noteUnbound({ unbound, now }: StreamState, name: string, version: string): void {
  const before = unbound.get(name);
  const waitMs = before?.version === version ? Math.min(longestWaitMs, before.waitMs * 2) : firstWaitMs;
  unbound.set(name, { version, waitMs, at: now + waitMs });
}

/** Lets go what is due. What changed or went meanwhile is forgotten, unless a try is under way. */
export function tryUnbound({ unbound, subscriptions: { listeners } }: StreamState, now: number): void {
  for (const [name, { version, at }] of unbound) {
    if (listeners.pins.get(name)?.refused !== version) {
      if (!listeners.pending.some((answer) => hasSent(answer, name))) unbound.delete(name);
    } else if (at <= now) {
      listeners.pins.delete(name);
      listeners.dirty.add(name);
    }
  }
}

/** When the next one is due; infinite: none is. */
export function unboundAt({ unbound, subscriptions: { listeners } }: StreamState): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const [name, { version, at }] of unbound) if (listeners.pins.get(name)?.refused === version) earliest = Math.min(earliest, at);
  return earliest;
}

/** The client took a listener: it has its address now. */
export function bound({ unbound, refusals, node }: StreamState, name: string): void {
  if (unbound.delete(name)) refusals.over(node?.id ?? '', name);
}
