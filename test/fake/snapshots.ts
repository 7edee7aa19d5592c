import type { Resource, Snapshot } from '../../src/resource.ts';
import { changeBetween } from '../../src/revision/revision.ts';
import type { SnapshotListener, Snapshots } from '../../src/revision/snapshots.ts';
import { snapshotOf } from './resources.ts';

/** Snapshots that a test replaces by hand. */
export interface FakeSnapshots extends Snapshots {
  put(group: string, resources: readonly Resource[]): void;
}

/** Makes one without any group. */
export function createFakeSnapshots(): FakeSnapshots {
  const current = new Map<string, Snapshot>();
  const listeners = new Set<SnapshotListener>();
  return {
    get: (group) => current.get(group),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put(group, resources) {
      const next = snapshotOf(group, resources);
      const change = changeBetween(current.get(group), next);
      current.set(group, next);
      for (const listener of listeners) listener(next, change, () => true);
    },
  };
}
