import type { Snapshot, SnapshotChange } from '../resource.ts';

/**
 * Told after what nodes of a group are served was replaced; `change` names what differs from the one before.
 * @param isFor whether a node (its `node.id`) of the group is served this snapshot; the others keep what they have.
 */
export type SnapshotListener = (snapshot: Snapshot, change: SnapshotChange, isFor: (node: string) => boolean) => void;

/** What the ADS server may ask of the engine: what each node is served, and to be told of what is new. */
export interface Snapshots {
  /**
   * What a node (its `node.id`) of a group is served: the nodes of one group may be served different revisions for a while.
   * Undefined while nothing may be answered: the sources have not all listed yet, or the group does not exist.
   */
  get(group: string, node: string): Snapshot | undefined;
  /** Returns the function that ends the subscription. Listeners are called in the same turn in which the snapshot is replaced. */
  subscribe(listener: SnapshotListener): () => void;
}
