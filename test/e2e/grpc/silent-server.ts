import { once } from 'node:events';
import { createServer, type Http2Session, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** An HTTP/2 server that reads every call and never answers one, whatever deadline the caller has. */
export async function startSilentGrpcServer(): Promise<{ readonly port: number; readonly seen: readonly IncomingHttpHeaders[] } & AsyncDisposable> {
  const sessions = new Set<Http2Session>();
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session.on('error', () => undefined));
  });
  server.on('stream', (stream, headers) => {
    seen.push(headers);
    stream.on('error', () => undefined).resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
