/** How long changed endpoints took to every Envoy of a group. All times in milliseconds. */
export interface EndpointLag {
  readonly group: string;
  /** Of how many changes, the newest ones; those that an Envoy still lacks are among them. */
  readonly changes: number;
  /** By change, the slowest Envoy of each. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How many Envoys lack a change now. */
  readonly behind: number;
  /** How long an endpoint must go on serving after it was taken away, or after its pod was told to end: whole seconds, from 1. */
  readonly waitSeconds: number;
  /** The same in Kubernetes, with what happens there before Sluice hears of it: for `preStop`. */
  readonly preStopSeconds: number;
}

/** An Envoy that lacks a change of endpoints. */
interface BehindEnvoy {
  readonly group: string;
  /** Milliseconds since the oldest change that it lacks. */
  readonly endpointsBehindMs?: number;
}

/** Remembers how long changes took. */
export interface EndpointLags {
  /**
   * An Envoy acknowledged a change.
   * @param eventAt when the source heard of the change: the same for all Envoys, so that it names the change.
   */
  acked(group: string, eventAt: number, lagMs: number): void;
  /** What is known of groups that exist, in their order; nothing of a group in which nothing has changed yet. Others are forgotten. */
  of(groups: readonly string[], envoys: readonly BehindEnvoy[]): readonly EndpointLag[];
}

/** Enough for a p99 that is not just the worst, and little memory where every sidecar is a group. */
const mostChanges = 256;

/** Measured: an Envoy that has applied a change may have chosen the endpoint for a request just before. */
const afterAckMs = 300;

/**
 * What Sluice cannot see: a pod is told to end at the same moment as the endpoint controller of Kubernetes, which then writes the
 * slice, which comes by a watch. Mostly well below a second; seconds where the control plane is busy.
 */
const unseenMs = 4000;

/** Starts without any. One look-up and one comparison for an ACK. */
export function createEndpointLags(): EndpointLags {
  /** By group, the slowest ACK of each change, oldest change first. */
  const slowest = new Map<string, Map<number, number>>();
  return {
    acked(group, eventAt, lagMs) {
      let changes = slowest.get(group);
      if (!changes) {
        changes = new Map();
        slowest.set(group, changes);
      }
      const known = changes.get(eventAt);
      if (known !== undefined && known >= lagMs) return;
      changes.set(eventAt, lagMs);
      if (changes.size > mostChanges) for (const oldest of changes.keys()) return void changes.delete(oldest);
    },
    of(groups, envoys) {
      for (const group of slowest.keys()) if (!groups.includes(group)) slowest.delete(group);
      const lacking = Map.groupBy(
        envoys.filter(({ endpointsBehindMs }) => endpointsBehindMs !== undefined),
        ({ group }) => group,
      );
      return groups.flatMap((group) => {
        const behind = (lacking.get(group) ?? []).map(({ endpointsBehindMs = 0 }) => endpointsBehindMs);
        // What several lack is most likely the same change.
        const lags = [...(slowest.get(group)?.values() ?? []), ...(behind.length > 0 ? [Math.max(...behind)] : [])].sort((a, b) => a - b);
        return lags.length === 0 ? [] : [lagOf(group, lags, behind.length)];
      });
    },
  };
}

function lagOf(group: string, sorted: readonly number[], behind: number): EndpointLag {
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const p99Ms = at(0.99);
  const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000);
  return {
    group,
    changes: sorted.length,
    p50Ms: at(0.5),
    p99Ms,
    maxMs: at(1),
    behind,
    waitSeconds: seconds(p99Ms + afterAckMs),
    preStopSeconds: seconds(p99Ms + afterAckMs + unseenMs),
  };
}
