import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

/** Wakes whoever sleeps. */
export interface Alarm {
  /** Waits for a time, or until the end, or until it rings where that counts. */
  sleep(milliseconds: number, untilRing: boolean): Promise<void>;
  ring(): void;
}

/** @param signal the end: whoever sleeps wakes with it. */
export function createAlarm(clock: Clock, signal: AbortSignal): Alarm {
  const nobody = (): void => {};
  let [wake, wakeAtEnd] = [nobody, nobody];
  signal.addEventListener('abort', () => wakeAtEnd());
  return {
    async sleep(milliseconds, untilRing) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          cancel();
          [wake, wakeAtEnd] = [nobody, nobody];
          resolve();
        };
        const cancel = clock.after(milliseconds, end);
        wakeAtEnd = end;
        if (untilRing) wake = end;
      });
      // What was told together is looked at together, and where this process was held up events may wait to be told which are older
      // than the end of the time.
      await setImmediate();
    },
    ring: () => wake(),
  };
}
