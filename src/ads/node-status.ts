import { type ResourceType, resourceTypes } from '../resource.ts';
import type { NodeStatus, TypeState, TypeStatus } from './status.ts';
import type { StreamState } from './stream-state.ts';
import type { Subscription } from './subscription.ts';

/**
 * How far the client of a stream is.
 * @param now milliseconds since 1970.
 * @param reason why there is no snapshot for its group; ignored where there is one.
 */
export function nodeStatus(state: StreamState, now: number, reason: string): NodeStatus {
  const { identity, node, snapshot, revisionAcked, lastNack, subscriptions } = state;
  const types: Partial<Record<ResourceType, TypeStatus>> = {};
  for (const type of resourceTypes) if (!identity.only || identity.only === type) types[type] = typeStatus(subscriptions[type], now);
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
    ...(lastNack === undefined ? {} : { lastNack }),
  };
}

function typeStatus(subscription: Subscription, now: number): TypeStatus {
  const { wildcard, names, held, pending } = subscription;
  const unacked = new Set(pending.flatMap(({ changed }) => [...changed.keys()]));
  const oldest = pending[0];
  return {
    state: stateOf(subscription),
    subscribed: wildcard ? '*' : names.size,
    acked: [...unacked].reduce((count, name) => (held.entries.has(name) ? count - 1 : count), held.entries.size),
    lagMs: oldest ? now - oldest.sentAt : 0,
  };
}

/** A refusal is shown until the resource changes, even while good ones go on. */
function stateOf({ type, requested, pins, pending }: Subscription): TypeState {
  if (!requested) return 'UNREQUESTED';
  if (pins.size > 0) return 'NACKED';
  if (pending.length === 0) return 'ACKED';
  return type === 'clusters' ? 'WARMING' : 'PENDING';
}
