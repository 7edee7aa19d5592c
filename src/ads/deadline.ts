import type { Clock } from '../clock.ts';

/** Timers of Node end at 24 days; a day is far from that. */
const longestMs = 24 * 60 * 60 * 1000;

/** Calls once when a moment has come, however far it is. @param at milliseconds since 1970. @returns ends that. */
export function atMoment(clock: Clock, at: number, call: () => void): () => void {
  let cancel = (): void => undefined;
  function wait(): void {
    const left = Math.max(0, at - clock.now());
    cancel = left > longestMs ? clock.after(longestMs, wait) : clock.after(left, call);
  }
  wait();
  return () => cancel();
}
