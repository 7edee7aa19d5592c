import { setImmediate } from 'node:timers/promises';

/** Long work in short turns. */
export interface Turns {
  /** Lets others have the event loop where the turn has been long enough; else goes on at once. */
  rest(): Promise<void>;
}

/** Half of what a turn of the loop may take, as one step of the work comes on top. */
const turnMs = 10;

export function createTurns(): Turns {
  let since = performance.now();
  return {
    async rest() {
      if (performance.now() - since < turnMs) return;
      await setImmediate();
      since = performance.now();
    },
  };
}
