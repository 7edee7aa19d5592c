import type { ClientLimits } from '../../client-limits.ts';
import type { Clock } from '../../clock.ts';
import { latencyReportMs } from '../../latency-bounds.ts';
import type { LatencyLedger } from '../../load/latency-ledger.ts';
import { readLatencies, readLatencyReport } from '../../load/latency-report.ts';
import { createTokenBucket } from '../../token-bucket.ts';
import type { Entrance, Gate } from '../limit/gate.ts';
import { latencyDefinition } from '../services.ts';
import { type NotTaken, reportCalls } from './report-calls.ts';

/** Where reports go, and by which rules they come. */
export interface LatencyReportsOptions {
  readonly ledger: LatencyLedger;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly limits: Pick<ClientLimits, 'firstRequestMs'>;
  /** The clusters that a node of a group is served; undefined: none. */
  readonly clustersOf: (group: string, node: string) => { has(name: string): boolean } | undefined;
}

/** KiB of reports that are read: a few percent of a core for as long as it lasts. What is above is refused unread. */
const readable = { burst: 64 * 1024, perSecond: 16 * 1024 };
/** Some milliseconds. */
const clustersPerTurn = 500;

/**
 * Takes how long requests took, as Envoy's OpenTelemetry sink sends it. Who calls is said by the attributes of the resource
 * (`service.name` the group, `service.instance.id` the node), and an Envoy may report for the group that its certificate names, as for xDS.
 * @returns what is to be added to the server: OpenTelemetry's `MetricsService`.
 */
export function latencyReports({ ledger, gate, clock, limits, clustersOf }: LatencyReportsOptions): ReturnType<typeof reportCalls> {
  const budget = createTokenBucket(readable);

  async function take(message: Buffer, { admission }: Entrance): Promise<NotTaken | undefined> {
    const now = clock.steady();
    if (!budget.take(now, message.length / 1024)) return { code: 'RESOURCE_EXHAUSTED', message: `more than ${readable.perSecond} KiB of latencies a second` };
    const { node, group, metrics } = readLatencyReport(message);
    if (!node || !group) return { code: 'INVALID_ARGUMENT', message: 'the resource must say service.name and service.instance.id' };
    const refused = admission.refuses({ protocol: 'sotw', node: { id: node, group, agent: '' }, typeUrl: '', nonce: '', names: [] }, now);
    if (refused) return refused;
    const served = clustersOf(group, node);
    // Envoy writes `_` for `:` in the names of statistics, and no name that Sluice makes has both.
    const clusterOf = (name: string): string | undefined => [name, name.replaceAll('_', ':')].find((one) => served?.has(one));
    if (!served) return undefined;
    ledger.count(message.length);
    for (let from = 0; from < metrics.length; from += clustersPerTurn) {
      if (from > 0) await new Promise<void>((resolve) => clock.after(0, resolve));
      const clusters = metrics.slice(from, from + clustersPerTurn).flatMap((metric) => readLatencies(message, metric) ?? []);
      ledger.take({ group, node }, { clusters, began: now - latencyReportMs, now, clusterOf });
    }
    return undefined;
  }

  return reportCalls({ definition: latencyDefinition(), gate, clock, limits, take });
}
