import { type Clock, systemClock } from '../../src/clock.ts';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves the time and makes the calls that are due, in their order. */
  advance(milliseconds: number): void;
  /** Sets the date forward or back, as somebody who sets the clock of the machine. */
  jump(milliseconds: number): void;
}

export function createFakeClock(start = 0): FakeClock {
  let now = start;
  let jumpedMs = 0;
  let timers: { readonly at: number; readonly call: () => void }[] = [];
  return {
    now: () => now + jumpedMs,
    steady: () => now,
    jump(milliseconds) {
      jumpedMs += milliseconds;
    },
    after(milliseconds, call) {
      const timer = { at: now + milliseconds, call };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        now = next.at;
        next.call();
      }
      now = end;
    },
  };
}

const longMs = 3_600_000;

/** The real time, but for waits of an hour and more: those end when a test says so, as if so much time had passed at once. */
export function createLeapingClock(): Clock & { readonly endLongWaits: () => void } {
  const waiting = new Set<() => void>();
  return {
    ...systemClock,
    after(milliseconds, call) {
      if (milliseconds < longMs) return systemClock.after(milliseconds, call);
      waiting.add(call);
      return () => void waiting.delete(call);
    },
    endLongWaits() {
      const ending = [...waiting];
      waiting.clear();
      for (const call of ending) call();
    },
  };
}
