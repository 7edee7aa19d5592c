import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';

/** What came back on an HTTP/2 stream. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The stream was cut; undefined: it ended. */
  readonly error?: string;
  readonly ms: number;
}

/** HTTP/2 without any library of gRPC, which would hide what Envoy does: one connection to 127.0.0.1. */
export interface RawClient extends Disposable {
  post(path: string, headers: Readonly<Record<string, string>>, body?: Buffer): Promise<RawAnswer>;
}

/** An empty message in its frame. */
export const emptyMessage = Buffer.alloc(5);

/** Content types of a plain gRPC call. */
export const grpcHeaders = { 'content-type': 'application/grpc', te: 'trailers' } as const;

export function rawClient(port: number, authority: string): RawClient {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  return {
    post: (path, headers, body = emptyMessage) =>
      new Promise((resolve) => {
        const started = performance.now();
        const stream = session.request({ ':method': 'POST', ':path': path, ':authority': authority, ...headers });
        const chunks: Buffer[] = [];
        let [answered, trailers]: IncomingHttpHeaders[] = [{}, {}];
        let error: string | undefined;
        stream.on('response', (got) => {
          answered = got;
        });
        stream.on('trailers', (got) => {
          trailers = got;
        });
        stream.on('error', (cut) => {
          error = cut.message;
        });
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('close', () => {
          const common = { headers: answered ?? {}, trailers: trailers ?? {}, body: Buffer.concat(chunks), ms: performance.now() - started };
          resolve(error === undefined ? common : { ...common, error });
        });
        stream.end(body);
      }),
    [Symbol.dispose]: () => session.destroy(),
  };
}
