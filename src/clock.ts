/** Time as a parameter: the IO shell gets a clock, pure code gets numbers. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after a delay; returns the function that cancels. */
  after(milliseconds: number, call: () => void): () => void;
}

/** The real time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
