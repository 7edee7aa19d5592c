import type { Sink } from '../store/sink.ts';

/** When sources heard of what they tell: endpoints are published while they are told, in the same turn. */
export interface EventTimes {
  /** A sink that keeps the time for as long as it is being told a change. */
  through(sink: Sink): Sink;
  /** When the source heard of the change that is being told now; undefined: none is, or it does not say. */
  now(): number | undefined;
}

/** Nothing is being told yet. */
export function createEventTimes(): EventTimes {
  let heardAt: number | undefined;
  return {
    through: (sink) => ({
      ...sink,
      change(change) {
        heardAt = change.heardAt;
        try {
          sink.change(change);
        } finally {
          heardAt = undefined;
        }
      },
    }),
    now: () => heardAt,
  };
}
