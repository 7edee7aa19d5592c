import { memoizedByBoth } from '../../memo/memoized.ts';
import type { Resource } from '../../resource.ts';
import { type Held, isWhole } from './held.ts';
import { without } from './layered-map.ts';
import { many } from './long-lists.ts';
import type { StreamState } from './stream-state.ts';
import { hasSent } from './subscription.ts';
import { warmthOf } from './warmth.ts';

/** Clusters, by name, of one answer that the client did not have, and has not told to be warm. On ADS the ACK means warm. */
export interface Warming {
  /** Of the answer; `''` where they are of none. */
  readonly nonce: string;
  /** How many answers had been sent then. */
  readonly answers: number;
  readonly sentAt: number;
  /** Those that were new in it, but for such as became warm together. Many streams hold the same map. */
  readonly clusters: ReadonlyMap<string, unknown>;
  /** Names of those that became warm one by one. */
  readonly warm: Set<string>;
  /** Those, by name, that have their endpoints and still wait for something else. */
  readonly fed: Map<string, Fed>;
}

/** A cluster that its client has the endpoints of. */
interface Fed {
  /** The form that has them: a newer one needs them anew. */
  readonly cluster: Resource;
  /** When it is warm at the latest; infinite: it waits for a secret. */
  readonly warmAt: number;
}

/** Clusters were sent that the client did not have. @param clusters by name. @param nonce `''` where they are of no answer. */
export function startWarming(state: StreamState, nonce: string, clusters: ReadonlyMap<string, unknown>, now: number): void {
  if (clusters.size > 0) state.warming = [...state.warming, { nonce, answers: state.answers, sentAt: now, clusters, warm: new Set(), fed: new Map() }];
}

/**
 * When a cluster that its client has not told to be warm can be taken for warm: when its first health check is over, if that is
 * all it waits for, and after `warmMs` whatever it waits for. Undefined: it is warm, or was never sent.
 */
export function warmAt({ identity, subscriptions, warming, repliedTo }: StreamState, name: string): number | undefined {
  const found = warmingOf(warming, name);
  const cluster = subscriptions.clusters.held.get(name);
  // What waits for nothing is warm as soon as it was read.
  if (!found || (found.answers < repliedTo && cluster && isWhole(cluster) && isReady(cluster))) return undefined;
  const fed = found.fed.get(name);
  const isCurrent = fed && fed.cluster === cluster;
  return Math.min(found.sentAt + identity.limits.warmMs, isCurrent ? fed.warmAt : Number.POSITIVE_INFINITY);
}

function isReady(cluster: Resource): boolean {
  return needsEndpointsAtMost(cluster) && warmthOf(cluster)?.endpoints === false;
}

function needsEndpointsAtMost(cluster: Resource): boolean {
  const warmth = warmthOf(cluster);
  return warmth !== undefined && warmth.secrets.size === 0 && warmth.checkMs === 0;
}

/** All times at which a cluster that warms is taken for warm. */
export function warmTimes({ identity, warming }: StreamState): readonly number[] {
  return warming.flatMap(({ sentAt, fed }) => [sentAt + identity.limits.warmMs, ...[...fed.values()].map((each) => each.warmAt)]);
}

function warmingOf(warming: readonly Warming[], name: string): Warming | undefined {
  return warming.findLast(({ clusters, warm }) => clusters.has(name) && !warm.has(name));
}

/** The client has taken endpoints, of clusters as it has these now. */
export function fedAll(state: StreamState, endpoints: readonly Resource[], now: number): void {
  const { base } = state.subscriptions.clusters.held;
  if (!base || endpoints.length < many) for (const { name } of endpoints) fed(state, name, now);
  else {
    const { satisfied, others } = sortedOut(endpoints, base);
    state.warming = state.warming.map((each) => withoutWarm(each, satisfied)).filter(isGoingOn);
    for (const name of others) fed(state, name, now);
  }
}

/** Clusters that are warm with these endpoints, as most are, and names of the others: the same for all streams that start. */
const sortedOut = memoizedByBoth((endpoints: readonly Resource[], clusters: ReadonlyMap<string, Held>) => {
  const satisfied = new Map<string, Held>();
  const others: string[] = [];
  for (const { name } of endpoints) {
    const cluster = clusters.get(name);
    if (cluster && isWhole(cluster) && needsEndpointsAtMost(cluster)) satisfied.set(name, cluster);
    else others.push(name);
  }
  return { satisfied, others };
});

function withoutWarm(one: Warming, names: ReadonlyMap<string, unknown>): Warming {
  const clusters = without(one.clusters, names);
  return clusters === one.clusters ? one : { ...one, clusters, warm: new Set([...one.warm].filter((name) => clusters.has(name))) };
}

const isGoingOn = ({ clusters, warm }: Warming): boolean => warm.size < clusters.size;

/** The client has taken the endpoints of a cluster as it has it now. */
function fed(state: StreamState, name: string, now: number): void {
  const found = warmingOf(state.warming, name);
  const cluster = state.subscriptions.clusters.held.get(name);
  const warmth = found && cluster && isWhole(cluster) ? warmthOf(cluster) : undefined;
  if (!found || !cluster || !isWhole(cluster) || !warmth) return;
  const isSecured = [...warmth.secrets].every((secret) => hasTaken(state, secret));
  if (isSecured && warmth.checkMs === 0) warmed(state, name);
  else found.fed.set(name, { cluster, warmAt: isSecured ? now + warmth.checkMs : Number.POSITIVE_INFINITY });
}

/** The client has taken secrets: clusters that have their endpoints may have waited for these alone. */
export function secretsTaken(state: StreamState, now: number): void {
  const { held } = state.subscriptions.clusters;
  for (const each of state.warming) {
    for (const [name, { cluster, warmAt }] of each.fed) if (warmAt === Number.POSITIVE_INFINITY && cluster === held.get(name)) fed(state, name, now);
  }
}

/** Whether the client has a secret in any form. */
function hasTaken({ subscriptions: { secrets } }: StreamState, name: string): boolean {
  return secrets.held.has(name) && !secrets.pending.some((answer) => hasSent(answer, name) && !answer.before.has(name));
}

/** A cluster is warm, or gone, or will not come. @param until only as it was sent up to this answer; undefined: in any form. */
export function warmed(state: StreamState, name: string, until = Number.POSITIVE_INFINITY): void {
  for (const { answers, clusters, warm } of state.warming) if (answers <= until && clusters.has(name)) warm.add(name);
  state.warming = state.warming.filter(isGoingOn);
}

/** All clusters of an answer are. One of them may have been removed since, and be new again in a later answer. */
export function warmedAll(state: StreamState, nonce: string, clusters: readonly Resource[]): void {
  state.warming = state.warming.filter((one) => one.nonce !== nonce);
  if (state.warming.length > 0) for (const { name } of clusters) warmed(state, name, Number(nonce));
}
