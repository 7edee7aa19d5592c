/** Allows a burst, then so many a second. */
export interface TokenBucket {
  /** @param now milliseconds of a clock that never jumps. @returns whether there was one left. */
  take(now: number): boolean;
}

/** A bucket that is full at first. A clock that jumps back adds nothing and takes nothing away. */
export function createTokenBucket({ burst, perSecond }: { readonly burst: number; readonly perSecond: number }): TokenBucket {
  let tokens = burst;
  let filledAt: number | undefined;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - (filledAt ?? now)) / 1000) * perSecond);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
