import type { Diagnostic } from '../diagnostic.ts';
import type { Group } from '../ir/gateway.ts';
import type { Snapshots } from '../revision/snapshots.ts';
import type { SourceState } from '../store/store.ts';
import type { StoreView } from '../store/view.ts';

/** Keeps what every group is served in step with the store. */
export interface Engine {
  readonly snapshots: Snapshots;
  /** The objects as they are now. */
  view(): StoreView;
  sources(): readonly SourceState[];
  /** Of the sources, of the last build and of the certificates that it serves. */
  diagnostics(): readonly Diagnostic[];
  /** Names of all groups of the last build, sorted. */
  groups(): readonly string[];
  /** The representation of a group, with the origins that resources do not hold. */
  group(name: string): Group | undefined;
  /** Whether every source has listed and the first build is done: nothing is answered before. */
  isReady(): boolean;
  /** Ends timers and subscriptions. */
  stop(): void;
}
