import { memoized } from '../../memo/memoized.ts';
import type { Resource } from '../../resource.ts';
import { type Held, isWhole } from './held.ts';
import { changedNames, nameMap } from './names.ts';
import type { SotwRequest } from './request.ts';
import { forget, knowsWildcard, mark, type Subscription } from './subscription.ts';

/**
 * Reads the list of names of a state-of-the-world request, which replaces the one before. New names are owed an answer even
 * where no version changed.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#subscribing-to-resources
 */
export function subscribeSotw(subscription: Subscription, request: SotwRequest): void {
  const { names, wildcard: before } = subscription;
  // An ACK: it says what was said before, and not even that is looked at.
  if (request.names.length > 0 && request.names === subscription.listed) return;
  const legacy = request.names.length === 0 && !subscription.explicit && knowsWildcard(subscription.type);
  const wildcard = request.names.includes('*') || legacy;
  subscription.requested = true;
  subscription.wildcard = wildcard;
  subscription.explicit ||= request.names.length > 0;
  if (wildcard && !before) subscription.owed = true;
  if (request.names === subscription.listed && before === wildcard) return;
  const { added, removed } = changedNames(subscription.listed, request.names);
  subscription.listed = request.names;
  for (const name of removed) forget(subscription, name);
  if (before && !wildcard) for (const name of [...subscription.held.keys()]) if (!nameMap(request.names).has(name)) forget(subscription, name);
  names.setAll(nameMap(added));
  mark(subscription, added);
}

/**
 * The resources of an answer. Clusters and listeners are always told in full, as whatever is left out is removed; of all
 * other types only what changed.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#grouping-resources-into-responses
 */
export function resourcesSotw(subscription: Subscription, changed: readonly Resource[]): readonly Resource[] {
  if (!tellsAll(subscription)) return changed;
  const { held } = subscription;
  return held.base ? wholeOfBase(held.base) : whole(held);
}

const whole = (held: { entries(): Iterable<[string, Held]> }): readonly Resource[] => [...held.entries()].map(([, one]) => one).filter(isWhole);
const wholeOfBase = memoized(whole);

/** Whether leaving a resource out of an answer removes it. */
export const tellsAll = (subscription: Subscription): boolean => knowsWildcard(subscription.type);
