import { createSlot } from '../memo/slot.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from '../resource.ts';
import { references } from './references.ts';

/** Something that a snapshot needs and does not have, or has under a wrong name. */
export interface Inconsistency {
  /** The resource that is wrong. */
  readonly resource: Resource;
  /** One sentence. */
  readonly message: string;
  /** What it needs; undefined where it is listed under a wrong type or name. */
  readonly needs?: { readonly type: ResourceType; readonly name: string };
}

/** What a resource of each type is called in a sentence. */
export const words: Readonly<Record<ResourceType, string>> = {
  secrets: 'secret',
  clusters: 'cluster',
  endpoints: 'endpoints',
  listeners: 'listener',
  routes: 'route configuration',
};

/** Types that others refer to. */
const needable = ['secrets', 'clusters', 'endpoints', 'routes'] as const satisfies readonly ResourceType[];

/**
 * Checks that everything a snapshot refers to is in it: endpoints of clusters, route configurations and secrets of listeners,
 * clusters of routes. Empty: it may be served. An Envoy would wait 15 s for what is missing, or answer 503.
 * @param undefinedClusters names that routes may use although no cluster has them, because a 5xx is what they are meant to give.
 */
export function consistent({ resources }: Snapshot, undefinedClusters: ReadonlySet<string>): readonly Inconsistency[] {
  const known = sound.get(resources.clusters);
  const isSound = known?.secrets === resources.secrets && known.endpoints === resources.endpoints;
  const found = inconsistencies(
    resources,
    undefinedClusters,
    isSound ? (['listeners', 'routes'] as const) : resourceTypes,
    (names) => complete.get(names)?.clusters === resources.clusters && complete.get(names)?.undefinedClusters === undefinedClusters,
  );
  if (found.length > 0) return found;
  for (const table of resources.routes.values()) complete.set(references(table).clusters, { clusters: resources.clusters, undefinedClusters });
  sound.set(resources.clusters, { secrets: resources.secrets, endpoints: resources.endpoints });
  return found;
}

/** Clusters, of which there are thousands, with what they have all in that they need: mostly the same maps as in the snapshot before. */
const sound = createSlot<ResourceMap, Pick<Snapshot['resources'], 'secrets' | 'endpoints'>>();

/** Names of clusters that tables refer to, with clusters that they are all among: both are mostly the same as before. */
const complete = createSlot<ReadonlySet<string>, { readonly clusters: ResourceMap; readonly undefinedClusters: ReadonlySet<string> }>();

/**
 * The same of resources that may change, so that nothing is remembered.
 * @param types those that are looked at.
 * @param areKnown whether the clusters of these names are known to be there.
 */
export function inconsistencies(
  resources: Snapshot['resources'],
  undefinedClusters: ReadonlySet<string>,
  types: readonly ResourceType[] = resourceTypes,
  areKnown: (names: ReadonlySet<string>) => boolean = () => false,
): readonly Inconsistency[] {
  const found: Inconsistency[] = [];
  for (const type of types) {
    for (const [name, resource] of resources[type]) {
      if (resource.name !== name || resource.type !== type) {
        found.push({ resource, message: `${words[resource.type]} ${resource.name} is listed as ${words[type]} ${name}` });
      }
      if (type === 'endpoints' || type === 'secrets') continue;
      const needs = references(resource);
      for (const needed of needable) {
        if (needed === 'clusters' && areKnown(needs.clusters)) continue;
        for (const missing of needs[needed]) {
          if (resources[needed].has(missing) || (needed === 'clusters' && undefinedClusters.has(missing))) continue;
          const message = `${words[type]} ${name} needs ${words[needed]} ${missing}, which does not exist`;
          found.push({ resource, message, needs: { type: needed, name: missing } });
        }
      }
    }
  }
  return found;
}
