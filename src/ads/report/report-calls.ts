import { type ServerDuplexStream, type ServiceDefinition, status as statusCodes, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { ClientLimits } from '../../client-limits.ts';
import type { Clock } from '../../clock.ts';
import { reasonOf } from '../../reason.ts';
import type { XdsCall } from '../connection.ts';
import type { Entrance, Gate } from '../limit/gate.ts';

/** Why a report is not taken. */
export interface NotTaken {
  readonly code: keyof typeof statusCodes;
  readonly message: string;
}

/** How the reports of a service are taken. */
export interface ReportCallsOptions {
  readonly definition: ServiceDefinition;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly limits: Pick<ClientLimits, 'firstRequestMs'>;
  /** @returns why the report is not taken; undefined: it was. @throws {Error} where it cannot be read. */
  readonly take: (message: Buffer, entrance: Entrance) => Promise<NotTaken | undefined>;
}

/** An answer that refuses nothing, of any of OpenTelemetry's services. */
const allTaken = Buffer.alloc(0);

/**
 * One of OpenTelemetry's services with the method `Export`: a call for each report.
 * @returns what is to be added to the server.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlpgrpc
 */
export function reportCalls({
  definition,
  gate,
  clock,
  limits: { firstRequestMs },
  take,
}: ReportCallsOptions): readonly [ServiceDefinition, UntypedServiceImplementation] {
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

  return [
    definition,
    {
      Export(call: ServerDuplexStream<Buffer, Buffer>) {
        const entrance = gate.enter(call as unknown as XdsCall);
        if (entrance) begin(call, entrance);
      },
    },
  ];
}
