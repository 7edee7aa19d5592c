/** How well the way of an Envoy to the server went over time, and so what that Envoy must know. */
export interface Way {
  /** Tells that it is open, or not; the same again changes nothing. */
  set(isOpen: boolean): void;
  /** The Envoy must know every edit that was written before this time, by `performance.now()`. */
  knownUntil(): number;
}

/**
 * Once a way was open for `settleMs` without a break, every edit that was older when that time began has arrived. A way that is closed, or that
 * opened a moment ago, adds nothing: the Envoy goes on with what it knew then.
 */
export function createWay(settleMs: number, now: () => number = () => performance.now()): Way {
  let openSince: number | undefined;
  let known = Number.NEGATIVE_INFINITY;
  const knownUntil = (): number => {
    if (openSince !== undefined && now() - openSince >= settleMs) known = now() - settleMs;
    return known;
  };
  return {
    set(isOpen) {
      knownUntil();
      if (!isOpen) openSince = undefined;
      else openSince ??= now();
    },
    knownUntil,
  };
}
