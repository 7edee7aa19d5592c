import { memoized, memoizedByBoth } from '../../memo/memoized.ts';
import type { ResourceMap, ResourceType, Snapshot } from '../../resource.ts';
import { entryKind, LayeredMap } from './layered-map.ts';

/** The names that a client asks for; their values say nothing. */
export type NameSet = LayeredMap<unknown>;

const nameKind = entryKind<unknown>((name) => {
  // Two lanes of FNV-1a: fast, and whoever makes up names that collide is only told less of what he asked for.
  let [high, low] = [0x811c9dc5, 0xc9dc5811];
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ (code + index), 0x5bd1e995);
  }
  return { high: high ^ (high >>> 15), low: low ^ (low >>> 13) };
});

/** Makes an empty set. */
export function createNameSet(): NameSet {
  return new LayeredMap(nameKind);
}

/** A list without any name, the same for all who asked for nothing yet. */
export const noNames: readonly string[] = [];

/** The names of a list as entries of a set. `*` is no name. */
export const nameMap = memoized(
  (names: readonly string[]): ReadonlyMap<string, unknown> => new Map(names.filter((name) => name !== '*').map((name) => [name, true])),
);

/**
 * Lets a set whose names have become those of the snapshot again share them. Those of endpoints are those of clusters, whose
 * map stays the same however often endpoints change.
 */
export function settleNames(names: NameSet, type: ResourceType, { resources }: Snapshot): void {
  if (names.base) return;
  if (type === 'endpoints') names.settle(resources.clusters);
  names.settle(resources[type]);
}

/** Those of a map's resources that are asked for. */
export function restricted(resources: ResourceMap, names: NameSet): ResourceMap {
  return names.base ? restrictedToBase(resources, names.base) : restrict(resources, names);
}

const restrictedToBase = memoizedByBoth(restrict);

function restrict(resources: ResourceMap, names: { has(name: string): boolean; readonly size: number; keys(): Iterable<string> }): ResourceMap {
  const found = [...names.keys()].flatMap((name) => resources.get(name) ?? []);
  return found.length === resources.size ? resources : new Map(found.map((resource) => [resource.name, resource]));
}

/** Names of a list that no resource has. */
export const missing = memoizedByBoth((names: readonly string[], resources: ResourceMap): readonly string[] => names.filter((name) => !resources.has(name)));

/** What one list of names has that another has not, and the other way round. */
export const changedNames = memoizedByBoth((before: readonly string[], after: readonly string[]) => {
  const [old, next] = [nameMap(before), nameMap(after)];
  return { added: [...next.keys()].filter((name) => !old.has(name)), removed: [...old.keys()].filter((name) => !next.has(name)) };
});
