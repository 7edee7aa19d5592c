import type { Effect } from '../../src/ads/stream/effect.ts';
import type { Lane, SnapshotEvent, StreamEvent } from '../../src/ads/stream/event.ts';
import type { Stream } from '../../src/ads/stream/stream.ts';
import type { Random } from './random.ts';

/** Takes the steps of a stream, as its connection does. */
export interface StreamDriver {
  /** Something happened to this stream alone. */
  run(event: StreamEvent, now: number): readonly Effect[];
  /** A snapshot was published for all. */
  publish(event: SnapshotEvent, now: number): readonly Effect[];
  /** Gives the stream a turn, if it is lucky. */
  turn(now: number): readonly Effect[];
  /** Whether it waits for one. */
  isDue(): boolean;
}

/** That of a server with nothing else to do. */
export function promptDriver({ step }: Stream): StreamDriver {
  return { run: step, publish: step, turn: () => [], isDue: () => false };
}

/**
 * That of a server with much to do: what is published is noted, and answered in a later turn with the newest state; endpoints alone
 * may go before.
 */
export function busyDriver({ step }: Stream, { chance }: Random): StreamDriver {
  let published: SnapshotEvent[] = [];
  let mayHaveMore = false;
  let isDue = false;

  function take(event: StreamEvent | undefined, now: number, lane: Lane): readonly Effect[] {
    const events: StreamEvent[] = event ? [...published, event] : published;
    published = [];
    const last = events.pop() ?? (mayHaveMore && lane !== 'none' ? { type: 'woken' } : undefined);
    if (!last) return [];
    mayHaveMore = lane !== 'all';
    return [...events.flatMap((one) => step(one, now, 'none')), ...step(last, now, lane)];
  }

  return {
    run(event, now) {
      isDue ||= chance(0.5);
      return take(event, now, isDue ? 'endpoints' : 'all');
    },
    publish(event, now) {
      published.push(event);
      isDue = true;
      return chance(0.5) ? [] : take(undefined, now, chance(0.5) ? 'endpoints' : 'none');
    },
    turn(now) {
      if (!isDue || chance(0.5)) return [];
      isDue = false;
      return take(undefined, now, 'all');
    },
    isDue: () => isDue,
  };
}
