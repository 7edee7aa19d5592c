import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { wireFields } from '../../src/proto/wire-fields.ts';

/** An answer of the xDS server as it went by, or its acknowledgement. */
interface Passed {
  readonly typeUrl: string;
  readonly nonce: string;
  /** By `performance.now()`. */
  readonly at: number;
}

/** An answer with the resources that are in it. */
interface PassedAnswer extends Passed {
  readonly resources: readonly string[];
}

/** Stands between an Envoy and its server, and tells what goes by of delta ADS. `await using` ends it. */
export interface Tap extends AsyncDisposable {
  readonly port: number;
  /** Undefined: nobody listens; what goes by is not read then. */
  onAnswer: ((answer: PassedAnswer) => void) | undefined;
  /** Told of acknowledgements and of refusals. */
  onReply: ((reply: Passed & { readonly isRefusal: boolean }) => void) | undefined;
}

const adsPath = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
/** As much as may be under way: a first answer has megabytes. */
const windowBytes = 64 * 1024 * 1024;
const settings = { initialWindowSize: windowBytes, maxFrameSize: 1024 * 1024 };
const dropped = new Set<string>([constants.HTTP2_HEADER_CONNECTION, constants.HTTP2_HEADER_HOST]);

/** @param server `HOST:PORT` of the xDS server. */
export async function startTap(server: string): Promise<Tap> {
  const upstreams = new Map<ServerHttp2Session, ClientHttp2Session>();
  const listener = createServer({ settings });
  const tap: Tap = {
    get port() {
      return (listener.address() as AddressInfo).port;
    },
    onAnswer: undefined,
    onReply: undefined,
    async [Symbol.asyncDispose]() {
      for (const [session, upstream] of upstreams) {
        session.destroy();
        upstream.destroy();
      }
      listener.close();
      await once(listener, 'close');
    },
  };

  listener.on('session', (session) => {
    const upstream = connect(`http://${server}`, { settings });
    upstreams.set(session, upstream);
    session.on('error', () => undefined);
    upstream.on('error', () => undefined);
    upstream.on('connect', () => upstream.setLocalWindowSize(windowBytes));
    upstream.on('close', () => session.destroy());
    session.on('close', () => {
      upstream.destroy();
      upstreams.delete(session);
    });
    session.setLocalWindowSize(windowBytes);
  });

  listener.on('stream', (stream: ServerHttp2Stream, headers) => {
    const upstream = stream.session && upstreams.get(stream.session as ServerHttp2Session);
    if (!upstream) {
      stream.close();
      return;
    }
    const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
    const answer = upstream.request(sent, { endStream: false });
    let trailers = {};
    for (const [one, other] of [
      [stream, answer],
      [answer, stream],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.close());
    }
    answer.on('response', (response, flags) => {
      if (flags & constants.NGHTTP2_FLAG_END_STREAM) stream.respond(response, { endStream: true });
      else stream.respond(response, { waitForTrailers: true });
    });
    answer.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    if (headers[constants.HTTP2_HEADER_PATH] === adsPath) {
      answer.on(
        'data',
        messagesOf((message, at) => {
          if (tap.onAnswer) tap.onAnswer(answerIn(message, at));
        }),
      );
      stream.on(
        'data',
        messagesOf((message, at) => {
          const reply = tap.onReply && replyIn(message, at);
          if (reply) tap.onReply?.(reply);
        }),
      );
    }
    stream.pipe(answer);
    answer.pipe(stream);
  });

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return tap;
}

/** Puts the messages of a gRPC stream together. @param told of each, when its last byte came. */
function messagesOf(told: (message: Buffer, at: number) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let bytes = 0;
  let wanted: number | undefined;
  return (chunk) => {
    const at = performance.now();
    parts.push(chunk);
    bytes += chunk.length;
    for (;;) {
      if (bytes < (wanted ?? 5)) return;
      const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      parts = [whole];
      wanted = 5 + whole.readUInt32BE(1);
      if (bytes < wanted) return;
      told(whole.subarray(5, wanted), at);
      const rest = whole.subarray(wanted);
      parts = rest.length > 0 ? [rest] : [];
      bytes = rest.length;
      wanted = undefined;
    }
  };
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** Of a `DeltaDiscoveryResponse`. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto */
function answerIn(message: Uint8Array, at: number): PassedAnswer {
  const fields = wireFields(message);
  const of = (number: number): string => text(fields.find((field) => field.number === number)?.value);
  const resources = fields.flatMap(({ number, value }) => (number === 2 ? [text(wireFields(value).find((field) => field.number === 3)?.value)] : []));
  return { typeUrl: of(4), nonce: of(5), at, resources };
}

/** Of a `DeltaDiscoveryRequest`; undefined: it replies to nothing. */
function replyIn(message: Uint8Array, at: number): (Passed & { readonly isRefusal: boolean }) | undefined {
  const fields = wireFields(message);
  const of = (number: number): string => text(fields.find((field) => field.number === number)?.value);
  const nonce = of(6);
  return nonce === '' ? undefined : { typeUrl: of(2), nonce, at, isRefusal: fields.some(({ number }) => number === 7) };
}
