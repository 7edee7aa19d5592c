import { createHash } from 'node:crypto';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot, type SnapshotChange } from '../resource.ts';
import { referencesOf } from './references.ts';

/** What belongs to a revision: endpoints have versions of their own and are never rolled back. */
const revisedTypes = resourceTypes.filter((type) => type !== 'endpoints');

/** Routes name it for a share that cannot be resolved (`unresolvedCluster` of the representation); it is never defined. */
const unresolvedCluster = 'sluice/unresolved';

/**
 * The name of a revision: 16 hexadecimal digits of a hash over types, names and versions of everything but the endpoints.
 * Equal content gives an equal name on every replica, whatever the order of the maps.
 */
export function revisionOf(resources: Snapshot['resources']): string {
  const hash = createHash('sha256');
  for (const type of revisedTypes) {
    for (const name of [...resources[type].keys()].sort()) hash.update(`${type}\0${name}\0${resources[type].get(name)?.version}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Which resources are new, changed or gone; a type where nothing is has no key. @param before undefined: everything is new. */
export function changeBetween(before: Snapshot | undefined, after: Snapshot): SnapshotChange {
  const change: Partial<Record<ResourceType, readonly string[]>> = {};
  for (const type of resourceTypes) {
    const names = changedNames(before?.resources[type], after.resources[type]);
    if (names.length > 0) change[type] = names;
  }
  return change;
}

function changedNames(before: ResourceMap | undefined, after: ResourceMap): readonly string[] {
  if (before === after) return [];
  const names = [...after.values()].filter(({ name, version }) => before?.get(name)?.version !== version).map(({ name }) => name);
  for (const name of before?.keys() ?? []) if (!after.has(name)) names.push(name);
  return names;
}

/**
 * What does not fit together in a snapshot, one sentence each; empty where all is well: a reference to nothing, a resource that
 * nobody asks for (Envoy would never load it), a resource under another name than its own.
 */
export function consistent(snapshot: Snapshot): readonly string[] {
  const { resources } = snapshot;
  const problems: string[] = [];
  const wanted = { clusters: new Set<string>(), endpoints: new Set<string>(), routes: new Set<string>(), secrets: new Set<string>() };
  for (const resource of everyResource(snapshot)) {
    const references = referencesOf(resource);
    for (const type of ['clusters', 'endpoints', 'routes', 'secrets'] as const) {
      for (const name of references[type]) {
        wanted[type].add(name);
        const isMissing = !resources[type].has(name) && name !== unresolvedCluster;
        if (isMissing) problems.push(`${resource.type} ${resource.name} needs ${type} ${name}, which does not exist`);
      }
    }
  }
  for (const type of resourceTypes) {
    for (const [name, resource] of resources[type]) {
      if (resource.name !== name || resource.type !== type) problems.push(`${resource.type} ${resource.name} stands as ${type} ${name}`);
      // Listeners and clusters are asked for as a whole, the rest by name.
      const isAskedFor = type === 'listeners' || type === 'clusters' || wanted[type].has(name);
      if (!isAskedFor) problems.push(`${type} ${name} is needed by nothing`);
    }
  }
  return problems;
}

function everyResource(snapshot: Snapshot): readonly Resource[] {
  return resourceTypes.flatMap((type) => [...snapshot.resources[type].values()]);
}
