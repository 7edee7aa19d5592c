import { latencyBoundsMs } from '../latency-bounds.ts';
import { windowMs } from './interval.ts';
import type { ClusterLatencies } from './latency-report.ts';
import type { Reporter } from './ledger.ts';

/** How long requests to a cluster took. */
export interface Latency {
  /** Requests that were timed. */
  readonly count: number;
  /** In milliseconds: half of them took no longer, 95 and 99 of a hundred. As exact as `latencyBoundsMs`. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** A report of latencies, or a part of it. */
interface TakenLatencies {
  readonly clusters: readonly ClusterLatencies[];
  /** When the time began that it is about, and when it came, by a clock that never jumps. */
  readonly began: number;
  readonly now: number;
  /** The cluster of the group whose statistics have this name; undefined: none, and it is not counted, so that no client fills the memory. */
  readonly clusterOf: (name: string) => string | undefined;
}

/**
 * Adds up how long requests took: of each group and cluster, and of each Envoy all clusters together. A histogram for each of them
 * and piece of the last minute is 3 kB, so that what is kept does not grow with the product of Envoys and clusters.
 */
export interface LatencyLedger {
  take(reporter: Reporter, report: TakenLatencies): void;
  /** Of reports about a time that began at `from` or later; undefined where none has a request to the cluster. */
  cluster(group: string, cluster: string, from: number): Latency | undefined;
  /** How many requests of an Envoy took how long in such reports, by bucket of `latencyBoundsMs`, and last those above all of them. */
  node(reporter: Reporter, from: number): ArrayLike<number>;
  /** A report of so many bytes has come. */
  count(bytes: number): void;
  /** Reports and their bytes in all. */
  cost(): { readonly reports: number; readonly bytes: number };
}

interface Piece {
  readonly at: number;
  readonly counts: Float64Array;
}

/** The time that is told apart, and into how many pieces it is cut. */
const keptMs = windowMs(0);
const pieces = 12;
const pieceMs = keptMs / pieces;
const buckets = latencyBoundsMs.length + 1;
/** More Envoys than any server has streams for: who names itself anew and anew is not counted. */
const mostNodes = 50_000;

interface GroupEntry {
  readonly clusters: Map<string, Piece[]>;
  readonly nodes: Map<string, Piece[]>;
  prunedAt: number;
}

/** Makes one that has heard of nothing. */
export function createLatencyLedger(): LatencyLedger {
  const groups = new Map<string, GroupEntry>();
  let [reports, bytes] = [0, 0];

  function groupOf(name: string, now: number): GroupEntry {
    const known = groups.get(name);
    if (known) return known;
    const made: GroupEntry = { clusters: new Map(), nodes: new Map(), prunedAt: now };
    groups.set(name, made);
    return made;
  }

  return {
    count(size) {
      reports += 1;
      bytes += size;
    },
    take({ group: name, node }, { clusters, began, now, clusterOf }) {
      const group = groupOf(name, now);
      const oldest = now - keptMs - 2 * pieceMs;
      if (now - group.prunedAt > keptMs) {
        group.prunedAt = now;
        for (const all of [group.clusters, group.nodes]) for (const [key, recent] of all) if ((recent.at(-1)?.at ?? oldest) <= oldest) all.delete(key);
      }
      const at = Math.floor(began / pieceMs) * pieceMs;
      const ofNode = group.nodes.has(node) || group.nodes.size < mostNodes ? pieceOf(group.nodes, node, at, oldest).counts : undefined;
      for (const { name: statistic, counts } of clusters) {
        const cluster = clusterOf(statistic);
        if (cluster === undefined) continue;
        addTo(pieceOf(group.clusters, cluster, at, oldest).counts, counts);
        if (ofNode) addTo(ofNode, counts);
      }
    },
    cluster: (group, cluster, from) => latencyOf(sumOf(groups.get(group)?.clusters.get(cluster), from)),
    node: ({ group, node }, from) => sumOf(groups.get(group)?.nodes.get(node), from),
    cost: () => ({ reports, bytes }),
  };
}

/** The piece of a time, made where there is none; those that are too old go. */
function pieceOf(all: Map<string, Piece[]>, key: string, at: number, oldest: number): Piece {
  const recent = all.get(key) ?? [];
  all.set(key, recent);
  while (recent[0] && recent[0].at < oldest) recent.shift();
  let piece = recent.find((one) => one.at === at);
  if (!piece) {
    piece = { at, counts: new Float64Array(buckets) };
    recent.push(piece);
  }
  return piece;
}

function sumOf(recent: readonly Piece[] = [], from: number): ArrayLike<number> {
  const sums = new Float64Array(buckets);
  for (const { at, counts } of recent) if (at >= from) addTo(sums, counts);
  return sums;
}

/** For all clusters of a large report at once, so without an iterator. */
function addTo(sums: Float64Array, counts: ArrayLike<number>): void {
  for (let bucket = 0; bucket < sums.length; bucket++) sums[bucket] = (sums[bucket] ?? 0) + (counts[bucket] ?? 0);
}

/** @param counts by bucket of `latencyBoundsMs`, and above. @returns undefined where there is no request. */
export function latencyOf(counts: ArrayLike<number>): Latency | undefined {
  const count = Array.from(counts).reduce((sum, one) => sum + one, 0);
  if (count === 0) return undefined;
  const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((part) => quantile(counts, count * part)) as [number, number, number];
  return { count, p50Ms, p95Ms, p99Ms };
}

/** The time below which `rank` requests are, as if those of a bucket were spread evenly in it. What is above all bounds is called the last of them. */
function quantile(counts: ArrayLike<number>, rank: number): number {
  let below = 0;
  for (const [bucket, upper] of latencyBoundsMs.entries()) {
    const here = counts[bucket] ?? 0;
    if (here > 0 && below + here >= rank) {
      const lower = latencyBoundsMs[bucket - 1] ?? 0;
      return lower + ((upper - lower) * (rank - below)) / here;
    }
    below += here;
  }
  return latencyBoundsMs.at(-1) ?? 0;
}
