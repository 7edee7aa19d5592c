import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../revision/steps.ts';

/** How long a turn of the loop may take: streams wait meanwhile. */
const turnMs = 10;

/** Runs work in short turns, between which streams are served. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < turnMs) continue;
    await setImmediate();
    since = performance.now();
  }
}
