import type { Resource } from '../../resource.ts';
import type { StreamState } from './stream-state.ts';
import type { PendingAnswer } from './subscription.ts';

/** How long the ACK of changed clusters may be away before it is doubted that their endpoints arrived. Envoy itself gives up after 15 s. */
const doubtMs = 5_000;

const noneOverdue: readonly Resource[] = [];

/**
 * Changed clusters of which Envoy may still wait for the endpoints though these were sent: it then goes on with the old form for
 * 15 s and holds back whatever else is new of clusters. What it lacks it does not say; to send endpoints again harms nothing, so
 * that is done once for every answer whose ACK is late. New clusters are not among them, as Envoy asks for the endpoints of these.
 */
export function overdueClusters(state: StreamState, now: number): readonly Resource[] {
  const { held, pending } = state.subscriptions.clusters;
  if (pending.length === 0) return noneOverdue;
  const overdue = doubted(state).filter(({ sentAt }) => now - sentAt >= doubtMs);
  state.remindedOf = Math.max(state.remindedOf, ...overdue.map(({ nonce }) => Number(nonce)));
  return overdue.flatMap(({ sent, before }) => sent.filter(({ name, version }) => before.get(name) && held.get(name)?.version === version));
}

/** When the next answer is overdue; infinite: none will be. */
export function remindAt(state: StreamState): number {
  if (state.subscriptions.clusters.pending.length === 0) return Number.POSITIVE_INFINITY;
  return Math.min(...doubted(state).map(({ sentAt }) => sentAt + doubtMs), Number.POSITIVE_INFINITY);
}

/** Answers of clusters without ACK of which nobody was reminded yet. */
function doubted({ remindedOf, subscriptions: { clusters, endpoints } }: StreamState): readonly PendingAnswer[] {
  if (!endpoints.requested) return [];
  return clusters.pending.filter(({ nonce }) => Number(nonce) > remindedOf);
}
