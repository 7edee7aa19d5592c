import type { ResourceMap, Snapshot, SnapshotChange } from '../resource.ts';
import { changeBetween } from '../revision/revision.ts';
import type { SnapshotListener, Snapshots } from '../revision/snapshots.ts';

/** What the Envoys of one group are served. */
interface GroupView {
  readonly stable: Snapshot;
  /** What those of a rollout have instead. */
  readonly candidate?: { readonly snapshot: Snapshot; readonly nodes: ReadonlySet<string> };
}

/** Where the snapshots of all groups are served from. */
export interface Publisher extends Snapshots {
  /**
   * Replaces what a group is served, and tells every Envoy of it what that changes for it.
   * @param view undefined: the group is there no longer; its Envoys keep what they have and are told nothing.
   * @param endpoints only the assignments of these clusters differ, and the shares of routes that follow from them; undefined: anything may.
   */
  put(group: string, view: GroupView | undefined, endpoints?: ReadonlySet<string>): void;
  stop(): void;
}

/** Starts without any group. */
export function createPublisher(): Publisher {
  const views = new Map<string, GroupView>();
  const listeners = new Set<SnapshotListener>();

  function tell(...told: Parameters<SnapshotListener>): void {
    for (const listener of listeners) listener(...told);
  }
  /** Tells the Envoys that were on one side and are on another. */
  function move(from: Side, to: Side, endpoints: ReadonlySet<string> | undefined): void {
    if (from.snapshot === to.snapshot) return;
    const isSmall = endpoints && from.snapshot.revision === to.snapshot.revision;
    const change = isSmall ? endpointChange(from.snapshot, to.snapshot, endpoints) : changeBetween(from.snapshot, to.snapshot);
    if (Object.keys(change).length > 0) tell(to.snapshot, change, (node) => from.has(node) && to.has(node));
  }

  return {
    get(group, node) {
      const view = views.get(group);
      return view?.candidate?.nodes.has(node) ? view.candidate.snapshot : view?.stable;
    },
    put(group, view, endpoints) {
      const before = views.get(group);
      if (!view) {
        views.delete(group);
        return;
      }
      views.set(group, view);
      const sides = sidesOf(view);
      if (!before) {
        for (const { snapshot, has } of sides) tell(snapshot, changeBetween(undefined, snapshot), has);
        return;
      }
      const isSameShare = before.candidate?.nodes === view.candidate?.nodes;
      for (const [index, from] of sidesOf(before).entries()) for (const to of isSameShare ? sides.slice(index, index + 1) : sides) move(from, to, endpoints);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => listeners.clear(),
  };
}

interface Side {
  readonly snapshot: Snapshot;
  readonly has: (node: string) => boolean;
}

function sidesOf({ stable, candidate }: GroupView): readonly Side[] {
  if (!candidate) return [{ snapshot: stable, has: () => true }];
  const { snapshot, nodes } = candidate;
  return [
    { snapshot: stable, has: (node) => !nodes.has(node) },
    { snapshot, has: (node) => nodes.has(node) },
  ];
}

/** As `changeBetween`, where it is known what may differ: one endpoint of thousands must not cost a look at all of them. */
function endpointChange(before: Snapshot, after: Snapshot, among: ReadonlySet<string>): SnapshotChange {
  const endpoints = differing(before.resources.endpoints, after.resources.endpoints, among);
  const [old, next] = [before.resources.routes, after.resources.routes];
  const routes = old === next ? [] : differing(old, next, next.keys());
  return { ...(endpoints.length > 0 && { endpoints }), ...(routes.length > 0 && { routes }) };
}

function differing(before: ResourceMap, after: ResourceMap, among: Iterable<string>): readonly string[] {
  return [...among].filter((name) => before.get(name)?.version !== after.get(name)?.version);
}
