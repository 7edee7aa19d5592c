import { type ServerDuplexStream, type ServiceDefinition, status as statusCodes, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { createTokenBucket } from '../../token-bucket.ts';
import { adminUri } from '../../trust-domain.ts';
import { identityOf, validUntil } from '../client-identity.ts';
import { atMoment } from '../deadline.ts';
import { cutLater, http2StreamOf, isCompressed } from '../limit/http2-stream.ts';
import { createRoom } from '../limit/room.ts';
import { watchUnfinished } from '../limit/unfinished.ts';
import { clientStatusDefinition } from '../services.ts';
import { type AskedStream, answerClientStatus, mostRequestBytes } from './client-status-answer.ts';
import { mayAskStatus, type StatusCaller } from './status-access.ts';

type StatusCall = ServerDuplexStream<Buffer, Buffer>;

/** `ClientStatusDiscoveryService` of a server. */
export interface ClientStatusService {
  /** What is to be added to the server. */
  readonly service: readonly [ServiceDefinition, UntypedServiceImplementation];
  /** Ends the calls that are open with `UNAVAILABLE`. */
  end(reason: string): void;
}

/** What questions are answered from, and by whom they may be asked. */
export interface ClientStatusOptions {
  /** The open ones. */
  readonly streams: () => Iterable<AskedStream>;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Lines of log about calls that are refused, and as many about others: enough to see who. */
const logged = { burst: 20, perSecond: 1 };
/** Each may hold an answer of 32 MiB until its client has read it. */
const mostCalls = 4;
/** How long a question may take to come. */
const questionMs = 30_000;

/**
 * Tells tools what the client of each stream has. Allowed to whoever shows a certificate with a URI `spiffe://…/admin`; where
 * no certificates are asked for, to programs on this machine.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/status/v3/csds.proto
 */
export function createClientStatus({ streams, trustDomain, clock, log }: ClientStatusOptions): ClientStatusService {
  const loggable = { answered: createTokenBucket(logged), refused: createTokenBucket(logged) };
  /** A call counts until its client has taken the answer or is gone. */
  const calls = new Set<StatusCall>();
  const room = createRoom({ bytes: mostCalls * mostRequestBytes, bytesPerConnection: mostRequestBytes, waiting: mostCalls });

  function end(call: StatusCall, code: statusCodes, details: string): void {
    calls.delete(call);
    call.emit('error', { code, details });
    cutLater(http2StreamOf(call), clock);
  }

  /** Resolves when the client has taken the answer. */
  async function answer(call: StatusCall, question: Buffer): Promise<void> {
    try {
      const result = await answerClientStatus(question, streams());
      if (!calls.has(call)) return;
      if (Buffer.isBuffer(result)) await new Promise<void>((resolve) => call.write(result, () => resolve()));
      else end(call, statusCodes[result.code], result.details);
    } catch (error) {
      log.error({ err: error }, 'a question for the status of clients failed');
      end(call, statusCodes.INTERNAL, 'internal error');
    }
  }

  /** One question after the other; the next one is read when the client has taken the answer. */
  function begin(call: StatusCall): void {
    calls.add(call);
    watchUnfinished({
      stream: http2StreamOf(call),
      room,
      clock,
      requestMs: questionMs,
      requestBytes: mostRequestBytes,
      onBegun: () => undefined,
      onRefused: (code, details) => end(call, code, details),
    });
    let answered = Promise.resolve();
    call.on('data', (question: Buffer) => {
      call.pause();
      answered = answer(call, question).then(() => void call.resume());
    });
    call.on('end', () => {
      // The end is told of while the last question is answered.
      void answered.then(() => {
        if (calls.delete(call)) call.end();
      });
    });
    const { sslPeerCertificate: certificate } = call.getAuthContext();
    const cancelExpiry = certificate
      ? atMoment(clock, validUntil(certificate), () => end(call, statusCodes.UNAUTHENTICATED, 'the certificate of the client has ended'))
      : () => undefined;
    for (const gone of ['cancelled', 'close']) {
      call.on(gone, () => {
        cancelExpiry();
        calls.delete(call);
      });
    }
  }

  function serve(call: StatusCall): void {
    const caller = callerOf(call);
    const may = mayAskStatus(caller, trustDomain);
    const line = { peer: caller.peer, client: caller.client ?? 'no certificate' };
    if (may && calls.size < mostCalls && !isCompressed(call)) {
      if (loggable.answered.take(clock.steady())) log.info(line, 'question for the status of clients');
      begin(call);
      return;
    }
    if (loggable.refused.take(clock.steady())) log.warn(line, 'question for the status of clients refused');
    if (isCompressed(call)) end(call, statusCodes.UNIMPLEMENTED, 'compressed requests are not taken');
    else if (may) end(call, statusCodes.RESOURCE_EXHAUSTED, `${mostCalls} ask already: try again`);
    else end(call, statusCodes.PERMISSION_DENIED, `only programs on this machine may ask, or who shows a certificate with the URI ${adminUri(trustDomain)}`);
  }

  return {
    service: [clientStatusDefinition(), { FetchClientStatus: serve, StreamClientStatus: serve }],
    end(reason) {
      for (const call of calls) end(call, statusCodes.UNAVAILABLE, reason);
    },
  };
}

function callerOf(call: StatusCall): StatusCaller {
  const { sslPeerCertificate: certificate } = call.getAuthContext();
  return { peer: call.getPeer(), client: certificate && identityOf(certificate) };
}
