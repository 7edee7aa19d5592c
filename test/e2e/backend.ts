import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { freePort } from './port.ts';

/** How an HTTP backend behaves; tests change the fields while it runs. */
export interface Behaviour {
  status: number;
  /** Other statuses of some paths. */
  statusOf: Readonly<Record<string, number>>;
  delayMs: number;
  /** What answers wait for as well; undefined: nothing. */
  waitsFor?: Promise<unknown>;
  /** Whether `/health` is answered with 200, else with 503; it knows no other trouble. */
  healthy: boolean;
  headers: Record<string, string>;
  /** Undefined: its name. */
  body?: string;
  /** Whether the connection is cut when a request was read, instead of an answer. */
  cuts: boolean;
}

/** What a backend was asked, as far as tests look at it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpBackend extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly behaviour: Behaviour;
  /** Requests since the start but for health checks, the newest last; the first ones are forgotten above 1000. */
  readonly seen: readonly SeenRequest[];
  /** How many there were, the forgotten ones too. */
  count(): number;
  healthChecks(): number;
  /** Stops accepting and cuts every connection, as a process that is killed. */
  close(): Promise<void>;
}

export interface HttpBackendOptions {
  /** 0: one that the kernel gives, for tests that need more than are dealt out. Undefined: the next that is dealt out. */
  readonly port?: number;
  readonly behaviour?: Partial<Behaviour>;
  /** How long an idle connection is kept; Node's own 5 s loses requests against a proxy that keeps them longer. */
  readonly keepAliveMs?: number;
}

const remembered = 1000;

/** A backend whose answers are its name, as text; `x-backend` holds it too. */
export async function startHttpBackend(name: string, options: HttpBackendOptions = {}): Promise<HttpBackend> {
  const behaviour: Behaviour = { status: 200, statusOf: {}, delayMs: 0, healthy: true, headers: {}, cuts: false, ...options.behaviour };
  const seen: SeenRequest[] = [];
  let count = 0;
  let healthChecks = 0;
  const server = createServer(async (request, response) => {
    const url = request.url ?? '';
    if (url === '/health') {
      healthChecks++;
      response.writeHead(behaviour.healthy ? 200 : 503).end();
      return;
    }
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The client went away in the middle of its request: there is nobody to answer.
      return;
    }
    count++;
    seen.push({ method: request.method ?? '', url, headers: request.headers, body: Buffer.concat(chunks).toString() });
    if (seen.length > remembered) seen.shift();
    // Whoever asked may be gone by then, and the test over.
    if (behaviour.delayMs > 0) await sleep(behaviour.delayMs, undefined, { ref: false });
    await behaviour.waitsFor;
    if (behaviour.cuts) {
      request.socket.destroy();
      return;
    }
    response
      .writeHead(behaviour.statusOf[url] ?? behaviour.status, { 'content-type': 'text/plain', 'x-backend': name, ...behaviour.headers })
      .end(behaviour.body ?? name);
  });
  server.keepAliveTimeout = options.keepAliveMs ?? 120_000;
  server.listen(options.port ?? (await freePort()), '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function close(): Promise<void> {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
  return { name, port, behaviour, seen, count: () => count, healthChecks: () => healthChecks, close, [Symbol.asyncDispose]: close };
}

/** The service of the quickstart serves every test: it answers which endpoint it is. */
const definition = loadSync(join(import.meta.dirname, '../../examples/quickstart/backends/prices.proto'), { keepCase: true })[
  'shop.v1.Prices'
] as grpc.ServiceDefinition;

export interface Price {
  readonly article: string;
  readonly cents: number;
  readonly endpoint: string;
}

export interface GrpcBackend extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Status that every call is answered with; OK (0) gives a price. */
  status: grpc.status;
  count(): number;
  close(): Promise<void>;
}

/** A backend of `shop.v1.Prices`, plain-text HTTP/2; `endpoint` of its answers is its name. */
export async function startGrpcBackend(name: string, options: { readonly port?: number } = {}): Promise<GrpcBackend> {
  const port = options.port ?? (await freePort());
  let count = 0;
  const server = new grpc.Server();
  const close = async (): Promise<void> => server.forceShutdown();
  const backend: GrpcBackend = { name, port, status: grpc.status.OK, count: () => count, close, [Symbol.asyncDispose]: close };
  server.addService(definition, {
    Get(call: grpc.ServerUnaryCall<{ article: string }, Price>, answer: grpc.sendUnaryData<Price>): void {
      count++;
      if (backend.status !== grpc.status.OK) answer({ code: backend.status, details: 'as the test asked' });
      else answer(null, { article: call.request.article, cents: 100, endpoint: name });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
  return backend;
}

export interface PricesClient extends Disposable {
  get(article: string): Promise<Price>;
}

/** A client of `shop.v1.Prices` with one connection to 127.0.0.1. @param authority replaces the host that Envoy routes by. */
export function pricesClient(port: number, authority?: string): PricesClient {
  const Client = grpc.makeClientConstructor(definition, 'Prices');
  const options = authority === undefined ? {} : { 'grpc.default_authority': authority };
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  const call = client['Get'] as (request: { article: string }, options: grpc.CallOptions, answer: grpc.requestCallback<Price>) => unknown;
  return {
    get: (article) =>
      new Promise((resolve, reject) => {
        call.call(client, { article }, { deadline: Date.now() + 5000 }, (error, price) => (price ? resolve(price) : reject(error)));
      }),
    [Symbol.dispose]: () => client.close(),
  };
}
