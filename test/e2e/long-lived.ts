import { once } from 'node:events';
import { Agent, type AgentOptions, createServer, request } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import { freePort } from './port.ts';

/** What became of one long-lived connection. */
export interface LongLivedResult {
  readonly sent: number;
  /** Requests or messages that had no answer, or a wrong one. In words. */
  readonly failures: readonly string[];
  /** How often the connection was closed, or a client was told to use another one. */
  readonly closed: number;
}

/** A client that keeps to one connection and sends something every few milliseconds. */
export interface LongLived {
  /** How many it has sent so far. */
  sent(): number;
  stop(): Promise<LongLivedResult>;
}

const everyMs = 20;
/** What is older counts as lost. */
const answerWithinMs = 20_000;

/** Calls `send` again and again until it is stopped; each call settles with undefined, or with what went wrong. */
function repeat(send: (count: number) => Promise<string | undefined>, closed: () => number, end: () => void): LongLived {
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  let sent = 0;
  const timer = setInterval(() => {
    const sending = within(send(sent++)).then((failure) => {
      if (failure !== undefined) failures.push(failure);
      open.delete(sending);
    });
    open.add(sending);
  }, everyMs);
  return {
    sent: () => sent,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      const result = { sent, failures, closed: closed() };
      end();
      return result;
    },
  };
}

async function within(answer: Promise<string | undefined>): Promise<string | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve('no answer'), answerWithinMs);
  const first = await Promise.race([answer.catch((error: Error) => error.message), late]);
  clearTimeout(timer);
  return first;
}

/** HTTP/1.1, GET and POST by turns, on one kept-alive connection. @param serverName by TLS, with this name. */
export function keepAlive(port: number, path: string, host: string, serverName?: string): LongLived {
  const options: AgentOptions = { keepAlive: true, maxSockets: 1 };
  const agent = serverName === undefined ? new Agent(options) : new TlsAgent({ ...options, servername: serverName, rejectUnauthorized: false });
  const sockets = new Set<unknown>();
  const send = async (count: number): Promise<string | undefined> => {
    const call = (serverName === undefined ? request : tlsRequest)({
      agent,
      host: '127.0.0.1',
      port,
      path,
      method: count % 2 === 0 ? 'GET' : 'POST',
      headers: { host },
    });
    call.on('socket', (socket) => sockets.add(socket));
    call.end(count % 2 === 0 ? undefined : 'a body');
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
    return response.statusCode === 200 ? undefined : `status ${response.statusCode}`;
  };
  return repeat(
    send,
    () => sockets.size - 1,
    () => agent.destroy(),
  );
}

/** HTTP/2 by TLS, on one connection. */
export function http2(port: number, path: string, serverName: string): LongLived {
  let closed = 0;
  let session: ClientHttp2Session | undefined;
  const current = (): ClientHttp2Session => {
    if (!session || session.destroyed || session.closed) {
      session = connectHttp2(`https://127.0.0.1:${port}`, { servername: serverName, rejectUnauthorized: false });
      session.on('error', () => undefined);
      session.on('goaway', () => {
        closed++;
      });
    }
    return session;
  };
  const send = async (): Promise<string | undefined> => {
    const stream = current().request({ ':path': path, ':authority': serverName });
    const [headers] = await once(stream, 'response');
    stream.resume();
    await once(stream, 'end');
    return headers[':status'] === 200 ? undefined : `status ${headers[':status']}`;
  };
  return repeat(
    send,
    () => closed,
    () => session?.destroy(),
  );
}

const bytes = (value: Buffer): Buffer => value;
const echoStream = {
  path: '/test.Echo/Stream',
  requestStream: true,
  responseStream: true,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
} as const;

/** A server of what is open for long. */
export interface EchoServer extends AsyncDisposable {
  readonly port: number;
  /** How many streams or WebSockets were ever opened. */
  opened(): number;
}

/** A server of a gRPC stream that sends back each message. */
export async function startEchoService(): Promise<EchoServer> {
  const port = await freePort();
  const server = new grpc.Server();
  let opened = 0;
  server.addService(
    { Stream: echoStream },
    {
      Stream(call: grpc.ServerDuplexStream<Buffer, Buffer>) {
        opened++;
        call.on('data', (data: Buffer) => call.write(data)).on('end', () => call.end());
      },
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
  return { port, opened: () => opened, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

/** One gRPC stream in both directions for all the time. @param secure by TLS, with the authority as its name. */
export function grpcStream(port: number, authority: string, secure = false): LongLived {
  const credentials = secure ? grpc.credentials.createSsl(null, null, null, { rejectUnauthorized: false }) : grpc.credentials.createInsecure();
  const client = new grpc.Client(`127.0.0.1:${port}`, credentials, { 'grpc.default_authority': authority, 'grpc.ssl_target_name_override': authority });
  const call = client.makeBidiStreamRequest(echoStream.path, bytes, bytes);
  const echo = createEcho((text) => void call.write(Buffer.from(text)));
  let closed = 0;
  call.on('data', (data: Buffer) => echo.heard(data.toString()));
  call.on('error', () => undefined);
  call.on('status', () => {
    closed++;
  });
  return repeat(
    echo.send,
    () => closed,
    () => {
      call.cancel();
      client.close();
    },
  );
}

/** A server whose connections, once they are upgraded to `websocket`, send back what comes. */
export async function startWebSocketEcho(): Promise<EchoServer> {
  const port = await freePort();
  let opened = 0;
  const server = createServer((_request, response) => response.writeHead(426).end());
  server.on('upgrade', (_request, socket) => {
    opened++;
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n');
    socket.pipe(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port,
    opened: () => opened,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * One WebSocket for all the time, as far as a proxy can tell: an upgrade, and then bytes.
 * @param serverName by TLS, with this name.
 * @throws {Error} where it is not upgraded.
 */
export async function webSocket(port: number, path: string, host: string, serverName?: string): Promise<LongLived> {
  const at = { port, host: '127.0.0.1' };
  const socket = serverName === undefined ? connect(at) : connectTls({ ...at, servername: serverName, rejectUnauthorized: false });
  socket.setEncoding('utf8');
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  const [head] = (await once(socket, 'data')) as [string];
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(`not upgraded: ${head}`);
  const echo = createEcho((text) => void socket.write(text));
  let closed = 0;
  socket.on('data', echo.heard);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed++;
  });
  return repeat(
    echo.send,
    () => closed,
    () => socket.destroy(),
  );
}

/** Sends numbered messages and waits for each to come back, however they are cut into pieces. */
function createEcho(write: (text: string) => void) {
  const waiting = new Map<string, (failure: undefined) => void>();
  let rest = '';
  return {
    send(count: number): Promise<undefined> {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      waiting.set(String(count), resolve);
      write(`${count}\n`);
      return promise;
    },
    heard(text: string): void {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        waiting.get(line)?.(undefined);
        waiting.delete(line);
      }
    },
  };
}
