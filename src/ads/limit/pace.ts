import type { Clock } from '../../clock.ts';

/** How many connections may begin at the same time. */
const mostBeginning = 32;
/** How long a connection brings nothing more until what it began with counts as read. */
const quietMs = 4;
/** How long others wait for one that has not said anything, */
const silentMs = 200;
/** and for one that does not come to an end. */
const mostMs = 2_000;

/** A connection, as a socket is one. */
interface Newcomer {
  readonly bytesRead: number;
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** Lets connections begin a few at a time. */
export interface Pace {
  /** @param begin called at once or later, never where it was closed meanwhile. */
  enter(newcomer: Newcomer, begin: () => void): void;
  /** Closes those that wait. */
  end(): void;
}

interface Beginning {
  readonly since: number;
  /** What had been read of it when it was last looked at. */
  bytesRead: number;
}

/**
 * Envoys that come back begin with all that they have: a megabyte each where there are thousands of clusters. A thousand of
 * them at once are read piece by piece, and all is in memory before the first of them is whole. One after the other each is
 * whole, answered and forgotten within milliseconds. Whoever waits is connected, and not read.
 *
 * @param isCrowded whether much of what connections say is not whole yet: who is quiet then has not come to an end, but the machine is
 * busy, its own or that of the client.
 * @param afterReading calls when what has come by now was read. Timers come before sockets: after a turn that took long nobody seems to say anything.
 */
export function createPace(clock: Clock, isCrowded: () => boolean, afterReading: (call: () => void) => void = setImmediate): Pace {
  const beginning = new Map<Newcomer, Beginning>();
  const waiting = new Map<Newcomer, () => void>();
  let isWatching = false;

  function letIn(): void {
    for (const [newcomer, begin] of waiting) {
      if (beginning.size >= mostBeginning) break;
      waiting.delete(newcomer);
      beginning.set(newcomer, { since: clock.steady(), bytesRead: newcomer.bytesRead });
      begin();
    }
    if (isWatching || beginning.size === 0) return;
    isWatching = true;
    clock.after(quietMs, () => afterReading(look));
  }
  function look(): void {
    isWatching = false;
    const now = clock.steady();
    for (const [newcomer, known] of beginning) {
      const { bytesRead } = newcomer;
      const isQuiet = bytesRead === known.bytesRead && (bytesRead > 0 || now - known.since >= silentMs) && !isCrowded();
      if (isQuiet || now - known.since >= mostMs) beginning.delete(newcomer);
      else known.bytesRead = bytesRead;
    }
    letIn();
  }

  return {
    enter(newcomer, begin) {
      waiting.set(newcomer, begin);
      newcomer.once('close', () => {
        waiting.delete(newcomer);
        if (beginning.delete(newcomer)) letIn();
      });
      letIn();
    },
    end() {
      for (const newcomer of waiting.keys()) newcomer.destroy();
      waiting.clear();
    },
  };
}
