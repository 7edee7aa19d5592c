import type { Snapshot, SnapshotChange } from '../resource.ts';

/** Told after a group's snapshot was replaced; `change` names what differs from the one before. */
export type SnapshotListener = (snapshot: Snapshot, change: SnapshotChange) => void;

/** What the ADS server may ask of the engine: the current snapshot of each group, and to be told of new ones. */
export interface Snapshots {
  /** Undefined while nothing may be answered: the sources have not all listed yet, or the group does not exist. */
  get(group: string): Snapshot | undefined;
  /** Returns the function that ends the subscription. Listeners are called in the same turn in which the snapshot is replaced. */
  subscribe(listener: SnapshotListener): () => void;
}
