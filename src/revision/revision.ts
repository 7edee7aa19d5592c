import { hash } from 'node:crypto';
import { memoized } from '../memo/memoized.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot, type SnapshotChange } from '../resource.ts';

/**
 * Names a revision: a hash of the names and versions of all resources but the endpoints, 64 bits as 16 hexadecimal characters.
 * Equal content has the same name on every replica and after every restart, whatever the order of the maps.
 */
export function revisionOf(resources: Readonly<Record<ResourceType, ResourceMap>>): string {
  const names = resourceTypes.filter((type) => type !== 'endpoints').map((type) => nameOf(resources[type]));
  return hash('sha256', JSON.stringify(names), 'hex').slice(0, 16);
}

/** What maps are called: those of a type of which nothing changed are the same in the next revision. */
const nameOf = memoized((resources: ResourceMap): string => {
  // In one piece: ten thousand small ones take several times as long.
  const texts = sortedByName(resources).map(({ name, version }) => JSON.stringify([name, version]));
  return hash('sha256', texts.join(''), 'hex');
});

/**
 * Names of what is new, changed or gone, by type; a type without any is left out.
 * @param before undefined for a group that had no snapshot: everything is new.
 */
export function changeBetween(before: Snapshot | undefined, after: Snapshot): SnapshotChange {
  const change: Partial<Record<ResourceType, readonly string[]>> = {};
  for (const type of resourceTypes) {
    const [old, next] = [before?.resources[type], after.resources[type]];
    if (old === next) continue;
    const names = [...next.values()].filter(({ name, version }) => old?.get(name)?.version !== version).map(({ name }) => name);
    for (const name of old?.keys() ?? []) if (!next.has(name)) names.push(name);
    if (names.length > 0) change[type] = names;
  }
  return change;
}

function sortedByName(resources: ResourceMap): readonly Resource[] {
  return [...resources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
