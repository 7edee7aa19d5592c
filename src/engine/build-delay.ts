/** Changes that come within this time of each other are built once. */
export const quietMs = 20;
/** A build waits for quiet no longer than this. */
const patienceMs = 250;
/**
 * One change after a rest is built after this long already. What it brings goes out where it has no more mistakes than before; else it waits for quiet, as
 * what mends them may follow: the Service of a new route.
 */
const promptMs = 2;
/** A rest takes this long at least, and so many times what the last build took: prompt builds need a tenth of the time at most. */
const rest = { leastMs: patienceMs, perBuild: 9 };

/** When the last build ended, and how long it took. All times are milliseconds of one clock that never jumps. */
export interface LastBuild {
  readonly endedAt: number;
  readonly tookMs: number;
}

/** How long a build of what just changed waits. */
export interface BuildDelay {
  readonly delayMs: number;
  /** Until when more changes may belong to it. Undefined: it waited for them. */
  readonly quietAt?: number;
}

/** @param waitingSince since when changes wait, this one among them. @param isFirst whether it is the only one, and no build is under way. */
export function buildDelay(now: number, waitingSince: number, isFirst: boolean, { endedAt, tookMs }: LastBuild): BuildDelay {
  const hasRested = isFirst && now - endedAt > Math.max(rest.leastMs, rest.perBuild * tookMs);
  if (hasRested) return { delayMs: promptMs, quietAt: now + quietMs };
  return { delayMs: Math.max(0, Math.min(quietMs, waitingSince + patienceMs - now)) };
}
