import type { ClientLimits } from '../../client-limits.ts';
import type { Clock } from '../../clock.ts';
import { type ClientLedger, mostClients } from '../../load/client-ledger.ts';
import { readClientReport } from '../../load/client-report.ts';
import { createTokenBucket } from '../../token-bucket.ts';
import type { Entrance, Gate } from '../limit/gate.ts';
import { clientSampleDefinition } from '../services.ts';
import { type NotTaken, reportCalls } from './report-calls.ts';

/** Where reports go, and by which rules they come. */
export interface ClientReportsOptions {
  readonly ledger: ClientLedger;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly limits: Pick<ClientLimits, 'firstRequestMs'>;
  /** Version of a listener that a node of a group is served; undefined: it has none of that name. */
  readonly versionOf: (group: string, node: string, listener: string) => string | undefined;
}

/** KiB of reports that are read: some 10,000 requests a second. What is above is refused unread; a sample needs no more. */
const readable = { burst: 8 * 1024, perSecond: 1024 };

/**
 * Takes who the clients of a sample of the requests are, as Envoy's OpenTelemetry access logger sends it: its resource says the node, the group
 * (`cluster_name`) and the listener (`log_name`). An Envoy may report for the group that its certificate names, as for xDS.
 * @returns what is to be added to the server: OpenTelemetry's `LogsService`.
 */
export function clientReports({ ledger, gate, clock, limits, versionOf }: ClientReportsOptions): ReturnType<typeof reportCalls> {
  const budget = createTokenBucket(readable);

  async function take(message: Buffer, { admission }: Entrance): Promise<NotTaken | undefined> {
    const now = clock.steady();
    if (!budget.take(now, message.length / 1024)) return { code: 'RESOURCE_EXHAUSTED', message: `more than ${readable.perSecond} KiB of clients a second` };
    const { node, group, listener, clients } = readClientReport(message, mostClients);
    if (!node || !group) return { code: 'INVALID_ARGUMENT', message: 'the resource must say cluster_name and node_name' };
    const refused = admission.refuses({ protocol: 'sotw', node: { id: node, group, agent: '' }, typeUrl: '', nonce: '', names: [] }, now);
    if (refused) return refused;
    const version = versionOf(group, node, listener);
    if (version !== undefined) ledger.take({ group, listener, version }, clients, now);
    return undefined;
  }

  return reportCalls({ definition: clientSampleDefinition(), gate, clock, limits, take });
}
