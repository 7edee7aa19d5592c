/** Time as a parameter: the IO shell gets a clock, pure code gets numbers. */
export interface Clock {
  /** The date, in milliseconds since 1970. It jumps when the clock of the machine is set: for certificates, and for what is stored or shown. */
  now(): number;
  /**
   * In whole milliseconds, from a moment that means nothing by itself. It never jumps: for everything that waits, or takes its time.
   * @see dateOf
   */
  steady(): number;
  /** Calls once after a delay; returns the function that cancels. */
  after(milliseconds: number, call: () => void): () => void;
}

/** The real time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => Math.round(performance.now()),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The two times are read one after the other and rounded: by so much their difference may differ though no clock was set. */
const roundingMs = 2;
const differences = new WeakMap<Clock, number>();

/** The date of a moment of `steady`, as the clock of the machine tells it now. The same moment has the same date until that clock is set. */
export function dateOf(clock: Clock, at: number): number {
  const measured = clock.now() - clock.steady();
  const known = differences.get(clock);
  const difference = known !== undefined && Math.abs(measured - known) <= roundingMs ? known : measured;
  differences.set(clock, difference);
  return at + difference;
}
