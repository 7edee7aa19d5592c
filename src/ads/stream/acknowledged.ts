import { memoized } from '../../memo/memoized.ts';
import type { ResourceMap, ResourceType, Snapshot } from '../../resource.ts';
import { references } from '../../revision/references.ts';
import type { StreamState } from './stream-state.ts';
import { holdsBack, isCompared, type Subscription, wants } from './subscription.ts';

/** Endpoints are no part of a revision. */
const partsOfRevision = ['secrets', 'clusters', 'listeners', 'routes'] as const satisfies readonly ResourceType[];

/**
 * The newest revision that the client acknowledged in full, given the one that was known so far. In full is: of each type
 * that it asks for nothing is to be sent, under way or refused; and it asks for what it cannot do without. An aggregated client
 * asks for clusters and listeners, and for the routes and secrets that these refer to, one after the other while it starts.
 */
export function revisionAcked({ identity, snapshot, subscriptions, revisionAcked: before }: StreamState): string | undefined {
  if (!snapshot) return before;
  const { clusters, listeners, routes, secrets } = subscriptions;
  // The usual case, which needs no look at anything else.
  if (before === snapshot.revision && !(holdsBack(clusters) || holdsBack(listeners) || holdsBack(routes) || holdsBack(secrets))) return before;
  const parts = partsOfRevision.map((type) => subscriptions[type]);
  if (parts.some(holdsBack)) return before === snapshot.revision ? undefined : before;
  if (parts.some((part) => part.requested && !isSettled(part))) return before;
  if (identity.only) return parts.some(({ requested }) => requested) ? snapshot.revision : before;
  if (!clusters.requested || !listeners.requested) return before;
  const asksOn = asksFor(routes, listeners, snapshot) && asksFor(secrets, listeners, snapshot) && asksFor(secrets, clusters, snapshot);
  return asksOn ? snapshot.revision : before;
}

const isSettled = (one: Subscription): boolean => isCompared(one) && one.pending.length === 0 && !one.owed;

/** Whether the client asks for everything of a type that its resources of another one refer to, as far as it exists. */
function asksFor(needed: Subscription, by: Subscription, { resources }: Snapshot): boolean {
  for (const [other, from] of needs(resources[by.type])[needed.type as 'routes' | 'secrets']) {
    if (resources[needed.type].has(other) && !wants(needed, other) && (by.wildcard || from.some((name) => wants(by, name)))) return false;
  }
  return true;
}

/** The routes and secrets that resources refer to by name, each with the names of those that do. */
const needs = memoized((resources: ResourceMap): Readonly<Record<'routes' | 'secrets', ReadonlyMap<string, readonly string[]>>> => {
  const found = { routes: new Map<string, string[]>(), secrets: new Map<string, string[]>() };
  for (const [name, resource] of resources) {
    for (const type of ['routes', 'secrets'] as const) {
      for (const other of references(resource)[type]) {
        const from = found[type].get(other);
        if (from) from.push(name);
        else found[type].set(other, [name]);
      }
    }
  }
  return found;
});
