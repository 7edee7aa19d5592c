import { type ServerDuplexStream, type ServiceDefinition, status as statusCodes, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { ClientLimits } from '../../client-limits.ts';
import type { Clock } from '../../clock.ts';
import { latencyReportMs } from '../../latency-bounds.ts';
import type { LatencyLedger } from '../../load/latency-ledger.ts';
import { readLatencies, readLatencyReport } from '../../load/latency-report.ts';
import { reasonOf } from '../../reason.ts';
import { createTokenBucket } from '../../token-bucket.ts';
import type { XdsCall } from '../connection.ts';
import type { Entrance, Gate } from '../limit/gate.ts';
import { latencyDefinition } from '../services.ts';

/** OpenTelemetry's `MetricsService` of a server. */
export interface LatencyReports {
  /** What is to be added to the server. */
  readonly service: readonly [ServiceDefinition, UntypedServiceImplementation];
}

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
/** An `ExportMetricsServiceResponse` that refuses nothing. */
const allTaken = Buffer.alloc(0);

/**
 * Takes how long requests took, as Envoy's OpenTelemetry sink sends it: a call for each report. Who calls is said by the
 * attributes of the resource (`service.name` the group, `service.instance.id` the node), and an Envoy may report for the group
 * that its certificate names, as for xDS.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlpgrpc
 */
export function createLatencyReports({ ledger, gate, clock, limits: { firstRequestMs }, clustersOf }: LatencyReportsOptions): LatencyReports {
  const budget = createTokenBucket(readable);

  /** @returns why the report is not taken; undefined: it was. */
  async function take(message: Buffer, { admission }: Entrance): Promise<{ readonly code: keyof typeof statusCodes; readonly message: string } | undefined> {
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

  function begin(call: ServerDuplexStream<Buffer, Buffer>, entrance: Entrance): void {
    let isOpen = true;
    function ended(): void {
      if (!isOpen) return;
      isOpen = false;
      cancelSilent();
      entrance.leave();
    }
    function close(code: statusCodes, details: string): void {
      if (!isOpen) return;
      entrance.unserved({ peer: call.getPeer(), reason: details }, code);
      ended();
      call.emit('error', { code, details });
      entrance.ended(code);
    }
    const cancelSilent = clock.after(firstRequestMs, () => close(statusCodes.DEADLINE_EXCEEDED, `no report within ${firstRequestMs} ms`));
    entrance.watch(cancelSilent, close);
    call.on('error', ended);
    call.on('cancelled', ended);
    call.on('close', ended);
    async function answer(message: Buffer): Promise<void> {
      try {
        const refused = await take(message, entrance);
        if (refused) close(statusCodes[refused.code], refused.message);
        if (!isOpen) return;
        ended();
        call.write(allTaken);
        call.end();
      } catch (error) {
        close(statusCodes.INVALID_ARGUMENT, `the report cannot be read: ${reasonOf(error)}`);
      }
    }
    let isAnswered = false;
    call.on('data', (message: Buffer) => {
      cancelSilent();
      // A call has one report; what comes after it is not looked at.
      if (!isAnswered) void answer(message);
      isAnswered = true;
    });
    call.on('end', () => {
      if (!isAnswered) close(statusCodes.INVALID_ARGUMENT, 'a call without a report');
    });
  }

  return {
    service: [
      latencyDefinition(),
      {
        Export(call: ServerDuplexStream<Buffer, Buffer>) {
          const entrance = gate.enter(call as unknown as XdsCall);
          if (entrance) begin(call, entrance);
        },
      },
    ],
  };
}
