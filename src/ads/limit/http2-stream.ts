import { constants, type ServerHttp2Stream } from 'node:http2';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Clock } from '../../clock.ts';

/** A call as far as it is looked into here. */
type Call = Pick<ServerDuplexStream<unknown, unknown>, 'getPeer'>;

/** What the library keeps of a call. */
interface Inside {
  readonly stream: ServerHttp2Stream;
  readonly incomingEncoding: string;
}

/**
 * The stream below a call. The library has no way to see or to slow down what comes before a request is whole, so this reaches
 * into it; its version is fixed, and with one that is made differently every test of a server fails at once.
 */
export function http2StreamOf(call: Call): ServerHttp2Stream {
  return insideOf(call).stream;
}

/**
 * Whether the requests of a call may come compressed. No client of xDS does that, and a small one could unpack to what the
 * memory does not hold.
 */
export function isCompressed(call: Call): boolean {
  return insideOf(call).incomingEncoding !== 'identity';
}

/** Whether it is the first stream of its connection, and the only one so far. */
export function isAlone({ id, session }: ServerHttp2Stream): boolean {
  return id === firstStream && session?.state.lastProcStreamID === firstStream;
}

/** Clients give their streams odd numbers. */
const firstStream = 1;

function insideOf(call: Call): Inside {
  const { stream, incomingEncoding } = (call as unknown as { readonly call: Partial<Inside> }).call;
  if (!stream || incomingEncoding === undefined) throw new Error('this version of @grpc/grpc-js keeps the stream of a call elsewhere');
  return { stream, incomingEncoding };
}

/** How long a client has to take in its status, and to be done. */
const lingerMs = 5_000;

/**
 * Cuts a stream that the server has ended, unless its client ends it before: one that goes on sending would keep what it sent of
 * its last request.
 */
export function cutLater(stream: ServerHttp2Stream, clock: Clock): void {
  if (stream.closed) return;
  const cancel = clock.after(lingerMs, () => stream.close(constants.NGHTTP2_NO_ERROR));
  stream.once('close', cancel);
}
