import { decode } from '../proto/codec.ts';
import { type Resource, type ResourceType, resourceTypes, type Snapshot } from '../resource.ts';
import { hasSlowStart, loadBalancerOf } from '../row/cluster-rows.ts';
import type { Work } from '../work.ts';
import { type ColdCluster, coldClusters, type IdleTime } from './cold-clusters.ts';
import type { ResourceChange, RevisionDiff } from './diff.ts';
import { emptiedClusters, lossBetween } from './fuse.ts';
import { references } from './references.ts';
import { isHolding, wipeWords } from './release-news.ts';

/** What a change means for connections, requests and users. */
export interface Consequences {
  readonly drained: readonly DrainedListener[];
  readonly warmed: readonly WarmedCluster[];
  /** Their connections end after the drain delay. */
  readonly removedClusters: readonly string[];
  readonly moved: readonly MovedShare[];
  readonly cold: readonly ColdCluster[];
  /** In order; those without anything to do are left out. */
  readonly phases: readonly Phase[];
  /** Why the fuse would hold the change back if it came in bulk: from a folder that was away, a registry that came back. Undefined: it would not. */
  readonly heldInBulk?: string;
}

/** A listener that lets go of connections: Envoy takes no new ones on them and ends them within its drain time. */
export interface DrainedListener {
  readonly listener: string;
  /** `removed`: the port is closed as well; `all`: each of its connections; `chains`: those of some filter chains, the others are not touched. */
  readonly what: 'removed' | 'all' | 'chains';
  /** Names of these filter chains. */
  readonly chains: readonly string[];
}

/**
 * A cluster that Envoy makes anew: what it replaces serves until it is warm, and requests that are under way end on its connections;
 * all others need new ones.
 */
export interface WarmedCluster {
  readonly cluster: string;
  readonly isNew: boolean;
  /** Whether its Envoys warm up new endpoints: to a cluster that is made anew all of them are alike, so that those which are young have their full share at once. */
  readonly endsSlowStart: boolean;
  /** Endpoints to which that happens, as far as is known. */
  readonly young: readonly YoungEndpoint[];
  /** What it waits for before it serves. */
  readonly waitsFor: readonly ('certificates' | 'endpoints' | 'health checks' | 'names')[];
}

/** An endpoint whose window is not over. */
export interface YoungEndpoint {
  /** `ADDRESS:PORT`. */
  readonly address: string;
  /** Of its full share, 1 to 99. */
  readonly percent: number;
}

/** Requests or users that get to another place than before. */
export interface MovedShare {
  /** `split`: the requests of a route go to other clusters; `hash`: the users of a cluster go to other endpoints, as it hashes in another way; `endpoints`: the same, as it has others. */
  readonly why: 'split' | 'hash' | 'endpoints';
  /** Name of the route, or of the cluster. */
  readonly of: string;
  /** Above 0, up to 1. */
  readonly share: number;
}

/** A step of make before break. Each waits until the Envoy has acknowledged the one before. */
export interface Phase {
  /** `make`: what is new, until it is warm; `switch`: listeners and routes that use it; `withdraw`: those that are gone; `remove`: what these needed, after the drain delay. */
  readonly phase: 'make' | 'switch' | 'withdraw' | 'remove';
  /** How many resources. */
  readonly counts: Readonly<Partial<Record<ResourceType, number>>>;
}

/** What is known of how warm endpoints are before a change. */
interface WarmthNow {
  readonly young?: ReadonlyMap<string, readonly YoungEndpoint[]>;
  readonly idle?: ReadonlyMap<string, IdleTime>;
}

/**
 * What it means to go from one configuration to another.
 * @param diff between the two.
 * @param fusePercent the share that may go in bulk, 0 to 100.
 */
export function* consequencesOf(
  diff: RevisionDiff,
  before: Snapshot | undefined,
  after: Snapshot | undefined,
  { young = new Map(), idle = new Map() }: WarmthNow,
  fusePercent: number,
): Work<Consequences> {
  const held = before && heldInBulk(before, after, fusePercent);
  yield;
  return {
    drained: diff.listeners.flatMap(drainedListener),
    warmed: yield* warmedClusters(diff, before, after, young),
    removedClusters: diff.clusters.filter(({ change }) => change === 'removed').map(({ name }) => name),
    moved: [...splitMoves(diff), ...hashMoves(diff, before, after)],
    cold: coldClusters(diff.routes, idle),
    phases: phasesOf(before, after),
    ...(held === undefined ? {} : { heldInBulk: held }),
  };
}

function heldInBulk(before: Snapshot, after: Snapshot | undefined, fusePercent: number): string | undefined {
  // What was kept of an old revision has no endpoints to lose.
  const wipe = { loss: lossBetween(before, after, fusePercent), emptied: after ? emptiedClusters(before, after, fusePercent) : new Set<string>() };
  return isHolding(wipe) ? wipeWords(wipe) : undefined;
}

/** Envoy updates filter chains in place when nothing else of the listener differs. */
function drainedListener({ name, change, fields }: ResourceChange): readonly DrainedListener[] {
  if (change === 'added') return [];
  if (change === 'removed') return [{ listener: name, what: 'removed', chains: [] }];
  if (fields.some(({ path }) => !/^(default_)?filter_chain/.test(path))) return [{ listener: name, what: 'all', chains: [] }];
  const drained = fields.filter(({ before, path }) => before !== undefined || !/^filter_chains\[[^\]]*\]$/.test(path));
  if (drained.length === 0) return [];
  return [{ listener: name, what: 'chains', chains: [...new Set(drained.map(({ path }) => /^filter_chains\[([^\]]*)\]/.exec(path)?.[1] ?? 'default'))] }];
}

function* warmedClusters(
  { clusters }: RevisionDiff,
  before: Snapshot | undefined,
  after: Snapshot | undefined,
  young: ReadonlyMap<string, readonly YoungEndpoint[]>,
): Work<readonly WarmedCluster[]> {
  const found: WarmedCluster[] = [];
  for (const { name, change } of clusters) {
    const cluster = after?.resources.clusters.get(name);
    if (!cluster) continue;
    const old = before?.resources.clusters.get(name);
    const endsSlowStart = old !== undefined && hasSlowStart(decode('envoy.config.cluster.v3.Cluster', old.bytes));
    found.push({ cluster: name, isNew: change === 'added', endsSlowStart, young: endsSlowStart ? (young.get(name) ?? []) : [], waitsFor: waitsFor(cluster) });
    yield;
  }
  return found;
}

function waitsFor(cluster: Resource): WarmedCluster['waitsFor'] {
  const { type, cluster_type, health_checks = [] } = decode('envoy.config.cluster.v3.Cluster', cluster.bytes);
  const found: WarmedCluster['waitsFor'][number][] = [];
  if (references(cluster).secrets.size > 0) found.push('certificates');
  if (type === 'EDS') found.push('endpoints');
  if (cluster_type || type === 'STRICT_DNS' || type === 'LOGICAL_DNS') found.push('names');
  if (health_checks.length > 0) found.push('health checks');
  return found;
}

function splitMoves({ routes }: RevisionDiff): readonly MovedShare[] {
  return routes
    .filter(({ movedShare }) => movedShare > 0)
    .map(({ configuration, name, movedShare }) => ({ why: 'split', of: `${configuration} ${name}`, share: movedShare }));
}

function hashMoves(diff: RevisionDiff, before: Snapshot | undefined, after: Snapshot | undefined): readonly MovedShare[] {
  const moved = new Map<string, MovedShare>();
  for (const { cluster, kept } of diff.endpoints) {
    if (kept < 1 && hashes(after, cluster)) moved.set(cluster, { why: 'endpoints', of: cluster, share: 1 - kept });
  }
  for (const { name, change, fields } of diff.clusters) {
    const isOtherBalancer = fields.some(({ path }) => path.startsWith('load_balancing_policy') || path.startsWith('lb_policy'));
    if (change === 'changed' && isOtherBalancer && (hashes(before, name) || hashes(after, name))) moved.set(name, { why: 'hash', of: name, share: 1 });
  }
  for (const { after: action, fields } of diff.routes) {
    if (action?.type !== 'forward' || !fields.some(({ path }) => path.startsWith('route.hash_policy'))) continue;
    for (const { cluster } of action.split) if (hashes(before, cluster) && hashes(after, cluster)) moved.set(cluster, { why: 'hash', of: cluster, share: 1 });
  }
  return [...moved.values()];
}

/** Whether a cluster sends the same user to the same endpoint. */
function hashes(snapshot: Snapshot | undefined, name: string): boolean {
  const cluster = snapshot?.resources.clusters.get(name);
  return cluster !== undefined && ['RingHash', 'Maglev'].includes(loadBalancerOf(decode('envoy.config.cluster.v3.Cluster', cluster.bytes)));
}

function phasesOf(before: Snapshot | undefined, after: Snapshot | undefined): readonly Phase[] {
  const made = counts(before, after, ['secrets', 'clusters', 'endpoints'], differing);
  const switched = counts(before, after, ['listeners', 'routes'], differing);
  const withdrawn = counts(after, before, ['listeners', 'routes'], missing);
  const removed = counts(after, before, ['secrets', 'clusters', 'endpoints'], missing);
  const all: readonly Phase[] = [
    { phase: 'make', counts: made },
    { phase: 'switch', counts: switched },
    { phase: 'withdraw', counts: withdrawn },
    { phase: 'remove', counts: removed },
  ];
  return all.filter((phase) => Object.keys(phase.counts).length > 0);
}

const differing = (other: Resource | undefined, { version }: Resource): boolean => other?.version !== version;
const missing = (other: Resource | undefined): boolean => other === undefined;

function counts(
  other: Snapshot | undefined,
  snapshot: Snapshot | undefined,
  types: readonly ResourceType[],
  isCounted: (other: Resource | undefined, resource: Resource) => boolean,
): Phase['counts'] {
  const found: Partial<Record<ResourceType, number>> = {};
  for (const type of resourceTypes.filter((one) => types.includes(one))) {
    const count = [...(snapshot?.resources[type].values() ?? [])].filter((one) => isCounted(other?.resources[type].get(one.name), one)).length;
    if (count > 0) found[type] = count;
  }
  return found;
}
