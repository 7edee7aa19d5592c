import { windowMs } from './interval.ts';
import type { ClusterLoad } from './report.ts';
import { createTally, type Tally, type TimedLoad } from './tally.ts';

/** Who reports. */
export interface Reporter {
  readonly group: string;
  /** `node.id`. */
  readonly node: string;
}

/** What came with one report. */
export interface TakenReport {
  readonly clusters: readonly ClusterLoad[];
  readonly bytes: number;
  /** When it came, by a clock that never jumps. */
  readonly now: number;
  /** How often this Envoy was asked to report. */
  readonly intervalMs: number;
  /** Whether the group has a cluster of this name: others are not counted, so that no client fills the memory. */
  readonly isServed: (cluster: string) => boolean;
}

/** What reports cost, in all. */
interface LoadCost {
  readonly reports: number;
  readonly bytes: number;
}

/**
 * Adds up what Envoys report: of each group and cluster, and of each Envoy all clusters together. What is kept does not grow
 * with the product of Envoys and clusters.
 */
export interface LoadLedger {
  take(reporter: Reporter, report: TakenReport): void;
  /** Requests to a cluster of a group, in reports that began at `from` or later. */
  cluster(group: string, cluster: string, from: number): TimedLoad;
  /** The same since `mark`. */
  clusterSinceMark(group: string, cluster: string): TimedLoad;
  /** Requests to a cluster of a group since the start of the server. */
  total(group: string, cluster: string): { readonly succeeded: number; readonly failed: number };
  /** Counts these clusters anew from a moment on, see `clusterSinceMark`. */
  mark(group: string, clusters: Iterable<string>, at: number): void;
  /** Requests that an Envoy sent to all clusters together. */
  node(reporter: Reporter, from: number): TimedLoad;
  /** Ids of the Envoys of a group that reported lately, sorted. */
  reporters(group: string, now: number): readonly string[];
  /** Whether an Envoy of a group has reported of a time that began at `from` or later. */
  hasReportSince(group: string, from: number): boolean;
  /** How long back `cluster` and `node` tell moments apart. */
  windowMs(group: string): number;
  cost(): LoadCost;
}

interface ClusterEntry {
  readonly tally: Tally;
  succeeded: number;
  failed: number;
}

interface GroupEntry {
  readonly clusters: Map<string, ClusterEntry>;
  readonly nodes: Map<string, { readonly tally: Tally; lastAt: number; intervalMs: number }>;
  windowMs: number;
  prunedAt: number;
}

/** An Envoy that has not reported for so many of its intervals does not count as one that reports. */
const missedReports = 2.5;
/** More Envoys than any server has streams for: who names itself anew and anew is not counted. */
const mostNodes = 50_000;

const nothing = (at: number): TimedLoad => ({ from: at, to: at, issued: 0, succeeded: 0, failed: 0, activeMs: 0 });

/** Makes one that has heard of nothing. */
export function createLoadLedger(): LoadLedger {
  const groups = new Map<string, GroupEntry>();
  let [reports, bytes] = [0, 0];

  function groupOf(name: string, now: number): GroupEntry {
    let group = groups.get(name);
    if (!group) {
      group = { clusters: new Map(), nodes: new Map(), windowMs: windowMs(0), prunedAt: now };
      groups.set(name, group);
    }
    return group;
  }

  function clusterOf(group: GroupEntry, name: string): ClusterEntry {
    let entry = group.clusters.get(name);
    if (!entry) {
      entry = { tally: createTally(() => group.windowMs), succeeded: 0, failed: 0 };
      group.clusters.set(name, entry);
    }
    return entry;
  }

  /** Clusters that are gone, and Envoys that are. */
  function prune(group: GroupEntry, now: number, isServed: (cluster: string) => boolean): void {
    if (now - group.prunedAt < group.windowMs) return;
    group.prunedAt = now;
    const isOld = (at: number | undefined): boolean => at === undefined || now - at > 2 * group.windowMs;
    for (const [name, { tally }] of group.clusters) if (!isServed(name) && isOld(tally.lastAt())) group.clusters.delete(name);
    for (const [id, { lastAt }] of group.nodes) if (isOld(lastAt)) group.nodes.delete(id);
  }

  return {
    take(reporter, { clusters, bytes: size, now, intervalMs, isServed }) {
      reports += 1;
      bytes += size;
      const group = groupOf(reporter.group, now);
      group.windowMs = windowMs(intervalMs);
      prune(group, now, isServed);
      let node = group.nodes.get(reporter.node);
      if (!node && group.nodes.size < mostNodes) {
        node = { tally: createTally(() => group.windowMs), lastAt: now, intervalMs };
        group.nodes.set(reporter.node, node);
      }
      if (node) Object.assign(node, { lastAt: now, intervalMs });
      for (const load of clusters) {
        // What a removed cluster finishes is counted as long as anything is known of it.
        if (!isServed(load.cluster) && !group.clusters.has(load.cluster)) continue;
        const piece = { ...load, activeMs: load.active * load.intervalMs, began: now - load.intervalMs, ended: now };
        const entry = clusterOf(group, load.cluster);
        entry.tally.add(piece);
        entry.succeeded += load.succeeded;
        entry.failed += load.failed;
        node?.tally.add(piece);
      }
    },
    cluster: (group, cluster, from) => groups.get(group)?.clusters.get(cluster)?.tally.since(from) ?? nothing(from),
    clusterSinceMark: (group, cluster) => groups.get(group)?.clusters.get(cluster)?.tally.sinceMark() ?? nothing(0),
    total(group, cluster) {
      const { succeeded = 0, failed = 0 } = groups.get(group)?.clusters.get(cluster) ?? {};
      return { succeeded, failed };
    },
    mark(group, clusters, at) {
      const entry = groupOf(group, at);
      for (const cluster of clusters) clusterOf(entry, cluster).tally.mark(at);
    },
    node: ({ group, node }, from) => groups.get(group)?.nodes.get(node)?.tally.since(from) ?? nothing(from),
    reporters(group, now) {
      const nodes = [...(groups.get(group)?.nodes ?? [])];
      return nodes.flatMap(([id, { lastAt, intervalMs }]) => (now - lastAt <= missedReports * intervalMs ? [id] : [])).sort();
    },
    hasReportSince(group, from) {
      return [...(groups.get(group)?.nodes.values() ?? [])].some(({ lastAt, intervalMs }) => lastAt - intervalMs >= from);
    },
    windowMs: (group) => groups.get(group)?.windowMs ?? windowMs(0),
    cost: () => ({ reports, bytes }),
  };
}
