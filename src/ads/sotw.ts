import type { Resource } from '../resource.ts';
import { isWhole } from './held.ts';
import type { SotwRequest } from './request.ts';
import { forget, knowsWildcard, type Subscription } from './subscription.ts';

/**
 * Reads the list of names of a state-of-the-world request, which replaces the one before. New names are owed an answer even
 * where no version changed.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#subscribing-to-resources
 */
export function subscribeSotw(subscription: Subscription, request: SotwRequest): void {
  const names = new Set(request.names);
  const star = names.delete('*');
  const legacy = request.names.length === 0 && !subscription.explicit && knowsWildcard(subscription.type);
  const wildcard = star || legacy;
  if (wildcard && !subscription.wildcard) subscription.owed = true;
  subscription.wildcard = wildcard;
  subscription.explicit ||= request.names.length > 0;
  subscription.requested = true;
  for (const name of [...subscription.names]) if (!names.has(name)) forget(subscription, name);
  if (!wildcard) for (const name of [...subscription.held.entries.keys()]) if (!names.has(name)) forget(subscription, name);
  for (const name of names) {
    if (subscription.names.has(name)) continue;
    subscription.names.add(name);
    subscription.dirty.add(name);
  }
}

/**
 * The resources of an answer. Clusters and listeners are always told in full, as whatever is left out is removed; of all
 * other types only what changed.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#grouping-resources-into-responses
 */
export function resourcesSotw(subscription: Subscription, changed: readonly Resource[]): readonly Resource[] {
  if (!tellsAll(subscription)) return changed;
  return [...subscription.held.entries.values()].filter(isWhole);
}

/** Whether leaving a resource out of an answer removes it. */
export const tellsAll = (subscription: Subscription): boolean => knowsWildcard(subscription.type);
