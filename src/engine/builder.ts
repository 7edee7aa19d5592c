import { type Build, type BuildOptions, building } from '../build.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../settings.ts';
import type { StoreView } from '../store/view.ts';
import { turnMs } from '../turn.ts';
import type { Work } from '../work.ts';

/** What came of a build. */
interface BuildResult {
  /** Undefined: a bug of ours ended it. */
  readonly build?: Build;
  readonly error?: unknown;
  /** In milliseconds, without the turns of others. */
  readonly tookMs: number;
}

/** Builds in turns, one build at a time. */
export interface Builder {
  isBusy(): boolean;
  /** Begins, in this turn. Only where it is not busy. @param view must not change. @param tell is told once, in this turn or a later one. */
  begin(view: StoreView, options: BuildOptions, tell: (result: BuildResult) => void): void;
  /** Brings what was begun to its end, in this turn. */
  finish(): void;
  /** What was begun is told to nobody. */
  stop(): void;
}

/** Makes one that builds nothing yet. */
export function createBuilder(settings: Settings, clock: Clock): Builder {
  let current: { readonly work: Work<Build>; readonly tell: (result: BuildResult) => void; tookMs: number } | undefined;
  let cancelTurn: (() => void) | undefined;

  /** @param until by the clock; undefined: to the end. */
  function goOn(until: number | undefined): void {
    cancelTurn?.();
    cancelTurn = undefined;
    if (!current) return;
    const { work, tell } = current;
    const began = performance.now();
    let result: Omit<BuildResult, 'tookMs'> | undefined;
    try {
      do {
        const step = work.next();
        if (step.done) result = { build: step.value };
      } while (!result && (until === undefined || clock.steady() < until));
    } catch (error) {
      result = { error };
    }
    current.tookMs += performance.now() - began;
    if (!result) {
      cancelTurn = clock.after(0, takeTurn);
      return;
    }
    const { tookMs } = current;
    current = undefined;
    tell({ ...result, tookMs });
  }

  const takeTurn = (): void => goOn(clock.steady() + turnMs);

  return {
    isBusy: () => current !== undefined,
    begin(view, options, tell) {
      current = { work: building(view, settings, options), tell, tookMs: 0 };
      takeTurn();
    },
    finish: () => goOn(undefined),
    stop() {
      cancelTurn?.();
      current = undefined;
    },
  };
}
