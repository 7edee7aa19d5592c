import type { Clock } from '../clock.ts';
import type { Group } from '../ir/gateway.ts';
import type { LoadLedger } from './ledger.ts';
import { createSplitTimes, type SplitTimes } from './split-times.ts';
import { splitTableOf } from './splits.ts';

/** Follows which shares the routes of each group have. */
export interface SplitWatch {
  readonly times: SplitTimes;
  /** The routes of a group were replaced. */
  touch(group: string): void;
}

export interface SplitWatchOptions {
  readonly ledger: LoadLedger;
  readonly clock: Clock;
  /** The representation of what a group is served. */
  readonly groupOf: (name: string) => Group | undefined;
}

/** Changes that come together are looked at once: to go through ten thousand hosts takes its time. */
const gatherMs = 500;

/** Makes one that has seen nothing; each group is looked at for the first time when it is touched. */
export function createSplitWatch({ ledger, clock, groupOf }: SplitWatchOptions): SplitWatch {
  const times = createSplitTimes();
  /** Groups to look at, with the moment of their last change. */
  const touched = new Map<string, number>();

  function look(): void {
    for (const [name, at] of touched) {
      const group = groupOf(name);
      if (!group) continue;
      for (const { backends } of times.note(name, splitTableOf(group), at)) {
        ledger.mark(
          name,
          backends.map(({ cluster }) => cluster),
          at,
        );
      }
    }
    touched.clear();
  }

  return {
    times,
    touch(group) {
      if (touched.size === 0) clock.after(gatherMs, look);
      touched.set(group, clock.steady());
    },
  };
}
