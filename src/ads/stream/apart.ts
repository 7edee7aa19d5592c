import type { Resource } from '../../resource.ts';
import type { StreamState } from './stream-state.ts';
import { quickOf } from './warmth.ts';

/** How long slow clusters wait for the ACK of quick ones. */
const apartMs = 1_000;

/**
 * Clusters for the next answer of delta: those that are warm soon, without those that warm slowly. Envoy withholds the ACK of all clusters while
 * one of them warms, also of an answer that came before; so the slow ones follow in an answer of their own, after the ACK of the quick ones. It comes
 * within milliseconds; where it does not, as others are slow already, nothing is won by waiting. State of the world has
 * to tell all clusters at once.
 */
export function quickFirst(state: StreamState, lacking: readonly Resource[], now: number): readonly Resource[] {
  const { clusters } = state.subscriptions;
  state.slowAt = undefined;
  // Without ADS no routes wait. The first answer to the question for all is taken for all there is; what a search tries is refused or taken together.
  if (lacking.length === 0 || state.identity.only || clusters.owed || clusters.search.refusals > 0) return lacking;
  const quick = quickOf(lacking);
  if (quick.length > 0) return quick;
  const newest = clusters.pending.at(-1);
  const isQuick = clusters.pending.every(({ sent }) => quickOf(sent).length === sent.length);
  if (!newest || !isQuick || now - newest.sentAt >= apartMs) return lacking;
  state.slowAt = newest.sentAt + apartMs;
  return [];
}
