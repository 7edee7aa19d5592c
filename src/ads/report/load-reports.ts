import { type ServerDuplexStream, type ServiceDefinition, status as statusCodes, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { ClientLimits } from '../../client-limits.ts';
import type { Clock } from '../../clock.ts';
import { reportIntervalMs } from '../../load/interval.ts';
import type { LoadLedger, Reporter } from '../../load/ledger.ts';
import { readReport } from '../../load/report.ts';
import { encode } from '../../proto/codec.ts';
import { duration } from '../../proto/values.ts';
import { reasonOf } from '../../reason.ts';
import type { XdsCall } from '../connection.ts';
import { atMoment } from '../deadline.ts';
import type { Entrance, Gate } from '../limit/gate.ts';
import { readNode } from '../message/read-request.ts';
import { loadReportingDefinition } from '../services.ts';
import type { Node } from '../stream/request.ts';

/** `LoadReportingService` of a server. */
export interface LoadReports {
  /** What is to be added to the server. */
  readonly service: readonly [ServiceDefinition, UntypedServiceImplementation];
  /** Ends the streams that are open with `UNAVAILABLE`. */
  end(reason: string): void;
}

/** Where reports go, and by which rules they come. */
export interface LoadReportsOptions {
  readonly ledger: LoadLedger;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: Pick<ClientLimits, 'firstRequestMs' | 'loadReportMs'>;
  /** Names of the clusters that a node of a group is served; undefined: none. */
  readonly clustersOf: (group: string, node: string) => { readonly size: number; has(name: string): boolean } | undefined;
}

/** A new interval is told where it differs by more than this: Envoy begins its time anew with each answer. */
const mostDeviation = 1.5;

/**
 * Takes the load reports of Envoys. An Envoy may report for the group that its certificate names, as for xDS; every client is
 * asked for all its clusters.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/load_stats/v3/lrs.proto
 */
export function createLoadReports({ ledger, gate, clock, log, limits, clustersOf }: LoadReportsOptions): LoadReports {
  const { firstRequestMs } = limits;
  /** The streams that are open, each with the group of its client once that is known. */
  const streams = new Map<ServerDuplexStream<Buffer, Buffer>, { group?: string; readonly end: (reason: string) => void }>();

  function intervalOf({ group, id }: Node): number {
    const reporters = [...streams.values()].filter((stream) => stream.group === group).length;
    return reportIntervalMs(reporters, clustersOf(group, id)?.size ?? 0, limits.loadReportMs);
  }

  function begin(call: ServerDuplexStream<Buffer, Buffer>, entrance: Entrance): void {
    let node: Node | undefined;
    let toldMs = 0;
    let isOpen = true;

    function ended(): void {
      isOpen = false;
      cancelSilent();
      cancelExpiry?.();
      if (streams.delete(call)) entrance.leave();
    }
    function close(code: statusCodes, details: string): void {
      if (!isOpen) return;
      if (code !== statusCodes.UNAVAILABLE) entrance.unserved({ peer: call.getPeer(), node: node?.id, group: node?.group, reason: details }, code);
      ended();
      call.emit('error', { code, details });
      entrance.ended(code);
    }
    function ask(asked: Node): void {
      const intervalMs = intervalOf(asked);
      if (Math.max(intervalMs, toldMs) <= mostDeviation * Math.min(intervalMs, toldMs)) return;
      toldMs = intervalMs;
      const answer = { send_all_clusters: true, load_reporting_interval: duration(intervalMs) };
      call.write(Buffer.from(encode('envoy.service.load_stats.v3.LoadStatsResponse', answer)));
    }
    function take(message: Buffer): void {
      const { node: encoded, clusters } = readReport(message);
      if (!node) {
        const named = encoded && readNode(encoded);
        if (!named?.id) {
          close(statusCodes.INVALID_ARGUMENT, 'the first message of a stream must say node.id');
          return;
        }
        const refused = entrance.admission.refuses({ protocol: 'sotw', node: named, typeUrl: '', nonce: '', names: [] }, clock.steady());
        if (refused) {
          close(statusCodes[refused.code], refused.message);
          return;
        }
        node = named;
        const stream = streams.get(call);
        if (stream) stream.group = named.group;
        const { id, group, agent } = named;
        log.info({ node: id, group, agent, peer: call.getPeer(), client: entrance.client ?? 'no certificate' }, 'Envoy reports its load');
      }
      const served = clustersOf(node.group, node.id);
      const reporter: Reporter = { group: node.group, node: node.id };
      // Of a group that does not exist nothing is kept.
      if (served) {
        const isServed = (cluster: string): boolean => served.has(cluster);
        ledger.take(reporter, { clusters, bytes: message.length, now: clock.steady(), intervalMs: toldMs, isServed });
      }
      ask(node);
    }

    const cancelSilent = clock.after(firstRequestMs, () => close(statusCodes.DEADLINE_EXCEEDED, `no first report within ${firstRequestMs} ms`));
    const { clientUntil } = entrance;
    const cancelExpiry =
      clientUntil === undefined ? undefined : atMoment(clock, clientUntil, () => close(statusCodes.UNAUTHENTICATED, 'the certificate of the client has ended'));
    streams.set(call, { end: (reason) => close(statusCodes.UNAVAILABLE, reason) });
    entrance.watch(cancelSilent, close);
    call.on('error', ended);
    call.on('cancelled', ended);
    call.on('close', ended);
    call.on('data', (message: Buffer) => {
      cancelSilent();
      if (!isOpen) return;
      try {
        take(message);
      } catch (error) {
        close(statusCodes.INVALID_ARGUMENT, `the report cannot be read: ${reasonOf(error)}`);
      }
    });
    call.on('end', () => {
      ended();
      call.end();
    });
  }

  return {
    service: [
      loadReportingDefinition(),
      {
        StreamLoadStats(call: ServerDuplexStream<Buffer, Buffer>) {
          const entrance = gate.enter(call as unknown as XdsCall);
          if (entrance) begin(call, entrance);
        },
      },
    ],
    end(reason) {
      for (const { end } of [...streams.values()]) end(reason);
    },
  };
}
