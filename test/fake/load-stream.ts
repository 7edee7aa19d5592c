import * as grpc from '@grpc/grpc-js';
import { decode, encode } from '../../src/proto/codec.ts';
import type { Message } from '../../src/proto/message.ts';
import { type ClientTls, credentialsOf } from './xds-client.ts';

type Report = Message<'envoy.service.load_stats.v3.LoadStatsRequest'>;
type Answer = Message<'envoy.service.load_stats.v3.LoadStatsResponse'>;

/** A stream of load reports, as an Envoy has one. */
export interface LoadStream extends Disposable {
  readonly answers: readonly Answer[];
  /** Settles with the status when the stream has ended, whoever ended it. */
  readonly ended: Promise<{ readonly code: number; readonly details: string }>;
  send(report: Report): void;
  sendBytes(bytes: Buffer): void;
}

/** Opens one on a connection of its own. @param tls undefined: plain text. */
export function openLoadStream(address: string, tls?: ClientTls): LoadStream {
  const options = { 'grpc.ssl_target_name_override': 'sluice', 'grpc.use_local_subchannel_pool': 1 };
  const client = new grpc.Client(address, tls ? credentialsOf(tls) : grpc.credentials.createInsecure(), options);
  const call = client.makeBidiStreamRequest<Buffer, Answer>(
    '/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats',
    (bytes) => bytes,
    (bytes) => decode('envoy.service.load_stats.v3.LoadStatsResponse', bytes),
  );
  const ended = Promise.withResolvers<{ code: number; details: string }>();
  // The status tells the same; without a listener the error would end the process.
  call.on('error', () => undefined);
  call.on('status', ({ code, details }) => ended.resolve({ code, details }));
  const answers: Answer[] = [];
  call.on('data', (answer: Answer) => answers.push(answer));
  const sendBytes = (bytes: Buffer): void => void call.write(bytes);
  return {
    answers,
    ended: ended.promise,
    send: (report) => sendBytes(Buffer.from(encode('envoy.service.load_stats.v3.LoadStatsRequest', report))),
    sendBytes,
    [Symbol.dispose]() {
      call.cancel();
      client.close();
    },
  };
}
