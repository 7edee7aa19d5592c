import type { Clock } from '../clock.ts';

export interface LooksOptions {
  readonly clock: Clock;
  /** From something that happened to the look at what it means, so that what belongs together is written together, in milliseconds. */
  readonly gatherMs: number;
  /** From the beginning of a look to that of the next one, at least. */
  readonly pauseMs: number;
  /**
   * Looks what is to be written, and writes it.
   * @param signal aborts where that is to end.
   * @returns after how many milliseconds to look again where nothing happens. Undefined: not at all.
   */
  readonly look: (signal: AbortSignal) => Promise<number | undefined>;
  /** Told why a look failed, unless it was to end. */
  readonly onError: (error: unknown) => void;
}

/** When it is looked what is to be written: one look at a time, soon after something happened. */
export interface Looks {
  /** Something may be different: cheap, called for everything that happens. */
  touch(): void;
  /** Looks from now on. @param milliseconds until the first look. Undefined: it is due. */
  begin(milliseconds?: number): void;
  /** Begins no further look, and ends the one that is under way, which may be awaited. */
  rest(): Promise<void>;
}

/** After a look that failed it is looked again after so long. */
const failedMs = 5000;

/** At rest until it begins. */
export function createLooks({ clock, gatherMs, pauseMs, look, onError }: LooksOptions): Looks {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isTouched = false;
  let isResting = true;
  let cancel = (): void => undefined;
  let running: Promise<void> | undefined;
  let ending = new AbortController();

  function lookIn(milliseconds: number): void {
    cancel();
    cancel = clock.after(Math.max(milliseconds, lookedAt + pauseMs - clock.steady()), () => {
      isTouched = false;
      lookedAt = clock.steady();
      running = run(ending.signal);
    });
  }

  async function run(signal: AbortSignal): Promise<void> {
    let nextMs: number | undefined = failedMs;
    try {
      nextMs = await look(signal);
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    running = undefined;
    // It may rest, or have begun anew meanwhile.
    if (isResting) return;
    if (isTouched) lookIn(gatherMs);
    else if (nextMs !== undefined) lookIn(nextMs);
  }

  return {
    touch() {
      if (isResting || isTouched) return;
      isTouched = true;
      if (!running) lookIn(gatherMs);
    },
    begin(milliseconds = 0) {
      isResting = false;
      isTouched = true;
      ending = new AbortController();
      if (!running) lookIn(milliseconds);
    },
    async rest() {
      isResting = true;
      cancel();
      ending.abort();
      await running;
    },
  };
}
