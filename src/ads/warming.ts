import type { Resource } from '../resource.ts';
import type { StreamState } from './stream-state.ts';

/** Clusters, by name, of one answer that the client did not have, and has not told to be warm. On ADS the ACK means warm. */
export interface Warming {
  /** Of the answer; `''` where they are of none. */
  readonly nonce: string;
  /** How many answers had been sent then. */
  readonly answers: number;
  readonly sentAt: number;
  /** All that were new in it. Many streams hold the same map. */
  readonly clusters: ReadonlyMap<string, unknown>;
  /** Names of those that became warm before the others. */
  readonly warm: Set<string>;
}

/** Clusters were sent that the client did not have. @param clusters by name. @param nonce `''` where they are of no answer. */
export function startWarming(state: StreamState, nonce: string, clusters: ReadonlyMap<string, unknown>, now: number): void {
  if (clusters.size > 0) state.warming = [...state.warming, { nonce, answers: state.answers, sentAt: now, clusters, warm: new Set() }];
}

/** When a cluster that is not warm yet was sent; undefined: it is warm, or was never sent. */
export function warmingSince({ warming }: StreamState, name: string): number | undefined {
  return warming.findLast(({ clusters, warm }) => clusters.has(name) && !warm.has(name))?.sentAt;
}

/** A cluster is warm, or gone, or will not come. @param until only as it was sent up to this answer; undefined: in any form. */
export function warmed(state: StreamState, name: string, until = Number.POSITIVE_INFINITY): void {
  for (const { answers, clusters, warm } of state.warming) if (answers <= until && clusters.has(name)) warm.add(name);
  state.warming = state.warming.filter(({ clusters, warm }) => warm.size < clusters.size);
}

/** All clusters of an answer are. One of them may have been removed since, and be new again in a later answer. */
export function warmedAll(state: StreamState, nonce: string, clusters: readonly Resource[]): void {
  state.warming = state.warming.filter((one) => one.nonce !== nonce);
  if (state.warming.length > 0) for (const { name } of clusters) warmed(state, name, Number(nonce));
}
