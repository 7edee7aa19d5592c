/** How long to wait before the next attempt. */
export interface BackOff {
  /** In milliseconds: from half to the whole of a time that doubles with each failure. */
  next(): number;
  /** An attempt was successful: the next failure waits little again. */
  reset(): void;
}

const firstMs = 250;
const longestMs = 8000;

/** @param random from 0 to 1, so that those who lost the same server do not come back all at once. */
export function createBackOff(random: () => number): BackOff {
  let failures = 0;
  return {
    next() {
      const most = Math.min(longestMs, firstMs * 2 ** failures);
      failures += 1;
      return Math.round(most * (0.5 + random() / 2));
    },
    reset() {
      failures = 0;
    },
  };
}
