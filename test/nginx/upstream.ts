import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createPlainServer, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CertificateAndKey } from '../../src/tls/authority.ts';

/** What an endpoint received. */
export interface Receipt {
  readonly service: string;
  /** `HOST:PORT` of the endpoint. */
  readonly endpoint: string;
  readonly method: string;
  /** The request target as it came. */
  readonly path: string;
  /** By name in lower case; several lines with `, ` between. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the headers to the end of the body, in seconds. */
  readonly bodySeconds: number;
}

/** Everything that the endpoints of a case received, in order; an answer names its receipt by its index in `x-echo-receipt`. */
export type Receipts = (Receipt | undefined)[];

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface EndpointOptions {
  readonly service: string;
  readonly receipts: Receipts;
  /** TLS with it. Undefined: plain text. */
  readonly certificate?: CertificateAndKey | undefined;
  /** Answers health checks of gRPC by HTTP/2. */
  readonly isGrpc?: boolean;
  /** By default 127.0.0.1. */
  readonly address?: string;
}

/** Starts one endpoint of a service: the service `auth` gives the verdicts of an authentication, all others echo. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { certificate, address = '127.0.0.1', isGrpc = false } = options;
  const pair = certificate && { cert: certificate.certificate, key: certificate.key };
  const listener = echo(options);
  const server: NetServer = isGrpc ? healthServer(pair) : pair ? createHttpsServer(pair, listener) : createServer(listener);
  if (!isGrpc) (server as Server).on('upgrade', (request) => upgrade(options, request));
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address,
    port,
    async close() {
      server.close();
      (server as Partial<Server>).closeAllConnections?.();
    },
  };
}

function receiptOf({ service }: EndpointOptions, request: IncomingMessage, body: string, bodySeconds: number): Receipt {
  const { localAddress, localPort } = request.socket;
  const headers = Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]));
  return { service, endpoint: `${localAddress}:${localPort}`, method: request.method ?? '', path: request.url ?? '', headers, body, bodySeconds };
}

function echo(options: EndpointOptions): RequestListener {
  const { service, receipts } = options;
  return async (request, response) => {
    const index = receipts.push(undefined) - 1;
    const begun = performance.now();
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The client went away in the middle of its request: there is nobody to answer.
      return;
    }
    const receipt = receiptOf(options, request, Buffer.concat(chunks).toString(), (performance.now() - begun) / 1000);
    receipts[index] = receipt;
    response.setHeader('x-service', service);
    response.setHeader('x-echo-receipt', index);
    if (service === 'auth') authenticate(receipt, receipts, response);
    else await answer(receipt, response);
  };
}

async function answer(receipt: Receipt, response: ServerResponse): Promise<void> {
  const { headers } = receipt;
  if (headers['x-echo-delay']) await sleep(Number(headers['x-echo-delay']) * 1000, undefined, { ref: false });
  const [, name, value] = /^([^:]+): *(.*)$/.exec(headers['x-echo-set'] ?? '') ?? [];
  response.setHeader('content-type', 'application/json');
  if (name !== undefined && value !== undefined) response.setHeader(name, value);
  response.statusCode = Number(headers['x-echo-status'] ?? 200);
  const [, times, pause] = /^(\d+)x([\d.]+)$/.exec(headers['x-echo-stream'] ?? '') ?? [];
  for (let part = 0; part < Number(times ?? 0); part++) {
    response.write(`part ${part}\n`);
    await sleep(Number(pause) * 1000);
  }
  if (times !== undefined) response.end();
  else if (headers['x-echo-body-bytes']) response.end('x'.repeat(Number(headers['x-echo-body-bytes'])));
  else response.end(JSON.stringify(receipt));
}

function authenticate({ path, headers }: Receipt, receipts: Receipts, response: ServerResponse): void {
  if (path === '/_last') {
    response.end(JSON.stringify(receipts.findLast((one) => one?.service === 'auth' && one.path !== '/_last') ?? null));
    return;
  }
  response.setHeader('X-Auth-User', 'alice');
  if (headers['x-auth-no-cookie'] === undefined) response.setHeader('Set-Cookie', 'auth=1');
  response.writeHead(Number(headers['x-auth-result'] ?? 200)).end();
}

function upgrade(options: EndpointOptions, request: IncomingMessage): void {
  const index = options.receipts.push(receiptOf(options, request, '', 0)) - 1;
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket', `x-service: ${options.service}`, `x-echo-receipt: ${index}`];
  request.socket.end(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Answers every call with `SERVING` of `grpc.health.v1.HealthCheckResponse`. */
function healthServer(pair: { readonly cert: string; readonly key: string } | undefined): NetServer {
  const server = pair ? createSecureServer(pair) : createPlainServer();
  return server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  });
}

/** Starts an endpoint for datagrams: it answers each with `from SERVICE`. */
export async function startUdpEndpoint(service: string): Promise<Endpoint> {
  const socket = createSocket('udp4');
  socket.on('message', (_, { address, port }) => socket.send(`from ${service}`, port, address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { address, port } = socket.address();
  return { address, port, close: async () => void socket.close() };
}
