import { resourceTypes, type SnapshotChange } from '../resource.ts';

/** What differs after two changes, one after the other. */
export function mergeChanges(first: SnapshotChange, second: SnapshotChange): SnapshotChange {
  const types = resourceTypes.filter((type) => first[type] ?? second[type]);
  return Object.fromEntries(types.map((type) => [type, [...new Set([...(first[type] ?? []), ...(second[type] ?? [])])]]));
}
