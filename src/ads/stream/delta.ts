import { memoizedByBoth } from '../../memo/memoized.ts';
import type { Snapshot } from '../../resource.ts';
import { type Held, heldVersions } from './held.ts';
import { memoizedWhereLong } from './long-lists.ts';
import { nameMap } from './names.ts';
import type { DeltaRequest } from './request.ts';
import { forget, knowsWildcard, mark, type Subscription } from './subscription.ts';

/**
 * Reads the changes of a delta subscription. They count whatever the nonce is. A name that is subscribed again is owed its
 * resource again, as the client may have dropped it; one whose version the client told with its first request is not.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
 */
export function subscribeDelta(subscription: Subscription, request: DeltaRequest, snapshot: Snapshot | undefined): void {
  const first = !subscription.requested;
  subscription.requested = true;
  const legacy = first && request.subscribe.length === 0 && knowsWildcard(subscription.type);
  if ((legacy || asksForAll(request.subscribe)) && !subscription.wildcard) {
    subscription.wildcard = true;
    subscription.owed = true;
  }
  if (request.subscribe.length > 0) {
    if (!first) dropExisting(subscription, request.subscribe, snapshot);
    subscription.names.setAll(nameMap(request.subscribe));
    subscription.asked = [...subscription.asked, request.subscribe];
    mark(subscription, request.subscribe);
  }
  if (first) {
    const versions = heldVersions(request.initialVersions);
    subscription.held.setAll(subscription.wildcard ? versions : askedFor(versions, request.subscribe));
  }
  if (subscription.isAssumed) takeLate(subscription, request.initialVersions);
  subscription.isAssumed = false;
  for (const name of request.unsubscribe) {
    if (name === '*') leaveWildcard(subscription);
    else forget(subscription, name);
  }
}

const asksForAll = memoizedWhereLong((names: readonly string[]): boolean => names.includes('*'));

/** A client that was sent clusters before it asked for them tells late what it had: of what it was sent, what it has if it refuses that. */
function takeLate({ held, dirty, pending }: Subscription, versions: Readonly<Record<string, string>>): void {
  for (const [name, version] of Object.entries(versions)) {
    for (const { before } of pending) if (!before.has(name)) before.set(name, { version });
    if (held.has(name)) continue;
    held.set(name, { version });
    dirty.add(name);
  }
}

/** What is told of names that are not asked for does not count. */
const askedFor = memoizedByBoth((versions: ReadonlyMap<string, Held>, names: readonly string[]): ReadonlyMap<string, Held> => {
  const asked = nameMap(names);
  return [...versions.keys()].every((name) => asked.has(name)) ? versions : new Map([...versions].filter(([name]) => asked.has(name)));
});

/** What does not exist any more stays with the client until it may be removed. */
function dropExisting({ type, held }: Subscription, names: readonly string[], snapshot: Snapshot | undefined): void {
  if (held.size === 0) return;
  for (const name of names) if (snapshot?.resources[type].has(name)) held.delete(name);
}

function leaveWildcard(subscription: Subscription): void {
  subscription.wildcard = false;
  for (const name of [...subscription.held.keys()]) if (!subscription.names.has(name)) forget(subscription, name);
}
