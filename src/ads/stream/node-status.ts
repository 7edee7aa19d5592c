import { type ResourceType, resourceTypes } from '../../resource.ts';
import type { NodeStatus, TypeState, TypeStatus } from './status.ts';
import type { StreamState } from './stream-state.ts';
import { holdsBack, type Subscription } from './subscription.ts';

/**
 * How far the client of a stream is.
 * @param now milliseconds since 1970.
 * @param reason why there is no snapshot for its group; ignored where there is one.
 */
export function nodeStatus(state: StreamState, now: number, reason: string): NodeStatus {
  const { identity, node, snapshot, revisionAcked, lastNack, subscriptions } = state;
  const types: Partial<Record<ResourceType, TypeStatus>> = {};
  for (const type of resourceTypes) if (!identity.only || identity.only === type) types[type] = typeStatus(subscriptions[type], snapshot !== undefined, now);
  const { pending, changedAt } = subscriptions.endpoints;
  const behindSince = pending.find((answer) => answer.changedAt !== undefined)?.changedAt ?? changedAt;
  return {
    id: node?.id ?? '',
    group: node?.group ?? '',
    agent: node?.agent ?? 'unknown',
    protocol: identity.protocol,
    ...(identity.only === undefined ? {} : { only: identity.only }),
    peer: identity.peer,
    connectedAt: identity.connectedAt,
    ...(snapshot === undefined ? { reason } : { revisionWanted: snapshot.revision }),
    ...(revisionAcked === undefined ? {} : { revisionAcked }),
    types,
    ...(behindSince === undefined ? {} : { endpointsBehindMs: now - behindSince }),
    ...(lastNack === undefined ? {} : { lastNack }),
  };
}

function typeStatus(subscription: Subscription, isServed: boolean, now: number): TypeStatus {
  const { wildcard, names, held, pending } = subscription;
  const oldest = pending[0];
  return {
    state: stateOf(subscription, isServed),
    subscribed: wildcard ? '*' : names.size,
    acked: held.size - countUnacked(subscription),
    lagMs: oldest ? now - oldest.sentAt : 0,
  };
}

/** How many resources that the client will have are in answers without ACK. */
function countUnacked({ held, pending }: Subscription): number {
  const [oldest, ...more] = pending;
  if (!oldest) return 0;
  // What one answer brought is held until it is refused.
  if (more.length === 0) return Math.min(held.size, oldest.sent.length);
  return new Set(pending.flatMap(({ sent }) => sent.map(({ name }) => name).filter((name) => held.has(name)))).size;
}

/** A refusal is shown until the resource changes, even while good ones go on. What there is nothing to answer with waits. */
function stateOf(subscription: Subscription, isServed: boolean): TypeState {
  const { type, requested, held, pending } = subscription;
  if (!requested) return 'UNREQUESTED';
  if (holdsBack(subscription)) return 'NACKED';
  if (pending.length === 0) return isServed || held.size > 0 ? 'ACKED' : 'PENDING';
  return type === 'clusters' ? 'WARMING' : 'PENDING';
}
