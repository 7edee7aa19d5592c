import { hash } from 'node:crypto';
import { memoized, memoizedByBoth } from '../../memo/memoized.ts';
import { createSlot } from '../../memo/slot.ts';
import type { Resource, ResourceMap } from '../../resource.ts';
import { entryKind, LayeredMap } from './layered-map.ts';

/** What a client has under a name. Only the version is known where it brought the resource from an earlier stream. */
export type Held = Resource | { readonly version: string };

/** Whether the bytes of what a client has are known here. */
export function isWhole(held: Held): held is Resource {
  return 'bytes' in held;
}

/** Whether pieces of a route configuration can be tried on a client that has this of it: without any it would take away routes that serve. */
export function isSearchable(held: Held | undefined): held is Resource | undefined {
  return !held || isWhole(held);
}

/**
 * What a client has of one type once it has read all that was sent. Its version is a hash of names and versions, independent
 * of their order.
 */
export type HeldSet = LayeredMap<Held>;

// The hash of a resource's name and version is the same on every stream.
const hashes = createSlot<Held, { readonly high: number; readonly low: number }>();

const heldKind = entryKind<Held>((name, held) => {
  let found = hashes.get(held);
  if (!found) {
    const bytes = hash('sha256', JSON.stringify([name, held.version]), 'buffer');
    found = { high: bytes.readInt32BE(0), low: bytes.readInt32BE(4) };
    hashes.set(held, found);
  }
  return found;
});

/** Makes an empty set. */
export function createHeldSet(): HeldSet {
  return new LayeredMap(heldKind);
}

/** The resources of a list by their names. */
export const byName = memoized((resources: readonly Resource[]): ResourceMap => new Map(resources.map((resource) => [resource.name, resource])));

/** What a client tells with its first request of a type, as entries of a set. */
export const heldVersions = memoized(
  (versions: Readonly<Record<string, string>>): ReadonlyMap<string, Held> => new Map(Object.entries(versions).map(([name, version]) => [name, { version }])),
);

/** What is to be done so that one who has these entries has what is wanted. */
export interface Difference {
  /** What is new or different. */
  readonly lacking: readonly Resource[];
  /** Names that are not wanted. */
  readonly unwanted: readonly string[];
}

/** Compares what is held with what is wanted, once for all that hold the same and want the same. */
export function difference(held: HeldSet, wanted: ResourceMap): Difference {
  return held.base ? differenceOfMaps(held.base, wanted) : find(held, wanted);
}

const differenceOfMaps = memoizedByBoth(find);

function find(held: { get(name: string): Held | undefined; keys(): Iterable<string> }, wanted: ResourceMap): Difference {
  const lacking = [...wanted.values()].filter(({ name, version }) => held.get(name)?.version !== version);
  return { lacking, unwanted: [...held.keys()].filter((name) => !wanted.has(name)) };
}
