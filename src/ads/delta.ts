import type { DeltaRequest } from './request.ts';
import { forget, knowsWildcard, type Subscription } from './subscription.ts';

/**
 * Reads the changes of a delta subscription. They count whatever the nonce is. A name that is subscribed again is owed its
 * resource again, as the client may have dropped it; one whose version the client told with its first request is not.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
 */
export function subscribeDelta(subscription: Subscription, request: DeltaRequest): void {
  const first = !subscription.requested;
  subscription.requested = true;
  if (first) for (const [name, version] of Object.entries(request.initialVersions)) subscription.held.set(name, { version });
  const legacy = first && request.subscribe.length === 0 && knowsWildcard(subscription.type);
  if ((legacy || request.subscribe.includes('*')) && !subscription.wildcard) {
    subscription.wildcard = true;
    subscription.owed = true;
  }
  for (const name of request.subscribe) {
    if (name === '*') continue;
    subscription.names.add(name);
    subscription.dirty.add(name);
    if (!first || !subscription.held.entries.has(name)) subscription.forced.add(name);
  }
  for (const name of request.unsubscribe) {
    if (name === '*') subscription.wildcard = false;
    else forget(subscription, name);
  }
  if (subscription.wildcard) return;
  for (const name of [...subscription.held.entries.keys()]) if (!subscription.names.has(name)) forget(subscription, name);
}
