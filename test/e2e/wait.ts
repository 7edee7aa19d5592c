import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait for what must come, where no promise says how soon: a machine may be slow, and only a failure takes that long. */
export const patienceMs = 60_000;

/**
 * Asks again and again until the answer is something other than undefined or false, or an assertion in it no longer fails.
 * @throws {Error} after `withinMs`, with the last failure as its cause.
 */
export async function waitFor<T>(what: string, condition: () => T | Promise<T>, withinMs = patienceMs): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let failure: unknown;
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`, { cause: failure });
    await sleep(25);
  }
}

/**
 * Fails unless `hits` of `trials` independent draws are within 4.5 standard deviations of what `probability` lets expect:
 * by chance that happens less than once in a hundred thousand runs.
 */
export function assertShare(hits: number, trials: number, probability: number, what = 'share'): void {
  const expected = trials * probability;
  const deviation = Math.sqrt(trials * probability * (1 - probability));
  assert.ok(Math.abs(hits - expected) <= 4.5 * deviation, `${what}: ${hits} of ${trials} where ${expected} ± ${(4.5 * deviation).toFixed(1)} was expected`);
}
