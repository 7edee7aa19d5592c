import { setImmediate } from 'node:timers/promises';
import type { Work } from './work.ts';

/**
 * How long work goes on before others have their turn of the event loop: endpoints that change meanwhile, streams, probes. Half of what a
 * turn may take, as one step of the work comes on top. In milliseconds.
 */
export const turnMs = 10;

/** A turn of long work. */
export interface Turn {
  /** Lets others have the event loop where the turn has been long enough; else goes on at once. */
  rest(): Promise<void>;
  /** The work waited for something else, so that its turn begins now. */
  begin(): void;
}

/** Begins a turn. */
export function createTurn(): Turn {
  let since = performance.now();
  const begin = (): void => {
    since = performance.now();
  };
  return {
    begin,
    async rest() {
      if (performance.now() - since < turnMs) return;
      await setImmediate();
      begin();
    },
  };
}

/** Does work in short turns. @throws where the signal aborts between two of them. */
export async function inTurns<Result>(work: Work<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    const until = performance.now() + turnMs;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await setImmediate();
    signal?.throwIfAborted();
  }
}
