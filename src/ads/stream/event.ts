import type { Snapshot, SnapshotChange } from '../../resource.ts';
import type { XdsRequest } from './request.ts';

/** The snapshot of its group, when the stream named itself and whenever it is replaced. */
export interface SnapshotEvent {
  readonly type: 'snapshot';
  readonly snapshot: Snapshot;
  /** Undefined: anything may differ. */
  readonly change?: SnapshotChange;
  /** When the source heard of what changed, else when it was published; by the clock of `step`. Undefined where it is new to this stream only. */
  readonly publishedAt?: number;
}

/** What may happen to a stream. */
export type StreamEvent =
  | { readonly type: 'request'; readonly request: XdsRequest }
  | SnapshotEvent
  /** The time that `wakeAt` gave has come. */
  | { readonly type: 'woken' };

/**
 * What a step may answer: everything; only changed endpoints, as others have their turn or the client has more to read first;
 * or nothing yet. What is left is answered with a later step, then with the newest state.
 */
export type Lane = 'all' | 'endpoints' | 'none';
