/** Allows a burst, then so many a second. */
export interface TokenBucket {
  /** @param now milliseconds of a clock that never jumps. @param amount undefined: one. @returns whether so much was left; otherwise nothing is taken. */
  take(now: number, amount?: number): boolean;
}

/** A bucket that is full at first. A clock that jumps back adds nothing and takes nothing away. */
export function createTokenBucket({ burst, perSecond }: { readonly burst: number; readonly perSecond: number }): TokenBucket {
  let tokens = burst;
  let filledAt: number | undefined;
  return {
    take(now, amount = 1) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - (filledAt ?? now)) / 1000) * perSecond);
      filledAt = now;
      if (tokens < amount) return false;
      tokens -= amount;
      return true;
    },
  };
}
