import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import type { DrainResult } from '../../src/drain/drain-envoy.ts';
import { type HttpBackend, pricesClient, startGrpcBackend, startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { startLoadBalancer } from './load-balancer.ts';
import { startWebSocketEcho, webSocket } from './long-lived.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { type RunningCommand, startSluice } from './sluice.ts';
import { patienceMs, waitFor } from './wait.ts';

/** Starts `sluice drain` for an Envoy of a stack. */
function drain(stack: Stack, index: number, ...words: readonly string[]): RunningCommand {
  return startSluice(['drain', '--envoy-admin', `http://${stack.envoys[index]?.adminAddress}`, '-o', 'json', ...words]);
}

/** A server stream of plain bytes. */
const watchDefinition = {
  Watch: {
    path: '/shop.v1.Watching/Watch',
    requestStream: false,
    responseStream: true,
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (value: Buffer) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value: Buffer) => value,
  },
} as const satisfies grpc.ServiceDefinition;

/** Sends a message at once, and another one at the end, which comes with `finish`. */
async function startWatchBackend(): Promise<AsyncDisposable & { readonly port: number; finish(): void }> {
  const server = new grpc.Server();
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  server.addService(watchDefinition, {
    Watch(call: grpc.ServerWritableStream<Buffer, Buffer>): void {
      call.write(Buffer.from('first'));
      void finished.then(() => {
        call.write(Buffer.from('last'));
        call.end();
      });
    },
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
  return { port, finish, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

/** Its client, on a connection of its own. */
function watch(port: number): { readonly ended: Promise<number>; readonly begun: Promise<void>; close(): void } {
  const client = new (grpc.makeClientConstructor(watchDefinition, 'Watching'))(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    'grpc.default_authority': grpcHost,
  });
  const stream = (client['Watch'] as (request: Buffer) => grpc.ClientReadableStream<Buffer>).call(client, Buffer.from('x'));
  const begun = Promise.withResolvers<void>();
  const ended = new Promise<number>((resolve, reject) => {
    let count = 0;
    stream.on('data', () => {
      count++;
      begun.resolve();
    });
    stream.on('error', reject);
    stream.on('end', () => resolve(count));
  });
  ended.catch(begun.reject);
  return { ended, begun: begun.promise, close: () => client.close() };
}

/** A host name is for HTTP or for gRPC. */
const grpcHost = 'grpc.test';
const webHost = 'web.test';

const grpcRoute = (name: string, service: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: ${name}}
spec:
  hostnames: [${grpcHost}]
  parentRefs: [{name: gateway}, {name: second}]
  rules: [{matches: [{method: {service: ${service}}}], backendRefs: [{name: ${name}, port: 80}]}]`;

/** Two gateways, each with an Envoy of its own, that serve the same. */
const pair = (secondPort: number, web: number, prices: number, watching: number, sockets: number): string =>
  [
    gatewayYaml,
    `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: second}
spec: {group: second}`,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: second}
spec:
  gatewayClassName: sluice
  infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: second}}
  listeners: [{name: http, port: ${secondPort}, protocol: HTTP}]`,
    ...[routeYaml('shop', { shop: 1 }), routeYaml('sockets', { sockets: 1 }, '/socket')].map((route) =>
      route.replace('parentRefs: [{name: gateway}]', `hostnames: [${webHost}]\n  parentRefs: [{name: gateway}, {name: second}]`),
    ),
    grpcRoute('prices', 'shop.v1.Prices'),
    grpcRoute('watching', 'shop.v1.Watching'),
    serviceYaml('shop', [web]),
    serviceYaml('sockets', [sockets]),
    serviceYaml('prices', [prices], { appProtocol: 'kubernetes.io/h2c' }),
    serviceYaml('watching', [watching], { appProtocol: 'kubernetes.io/h2c' }),
  ].join('\n---');

/**
 * HTTP/2 as a browser speaks it: one connection until the server says that it goes away, then the next. A stream that was refused,
 * as it crossed that word, was looked at by nobody, and is sent again.
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.7
 */
function startHttp2(port: number) {
  let session = connectHttp2(`http://127.0.0.1:${port}`);
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  let sent = 0;
  const renew = (): void => {
    const old = session;
    old.close();
    session = connectHttp2(`http://127.0.0.1:${port}`);
    listen();
  };
  const listen = (): void => {
    const own = session;
    own.on('error', (error) => failures.push(`session: ${error.message}`));
    own.once('goaway', () => own === session && renew());
  };
  listen();
  const ask = (): void => {
    sent++;
    const asked = session.request({ ':path': '/', ':authority': webHost });
    const done = new Promise<void>((resolve) => {
      let status = 0;
      asked.on('response', (headers) => {
        status = Number(headers[':status']);
      });
      // Told by `close`.
      asked.on('error', () => undefined);
      asked.on('close', () => {
        if (asked.rstCode === constants.NGHTTP2_REFUSED_STREAM) ask();
        else if (status !== 200 || asked.rstCode !== 0) failures.push(`status ${status}, reset by ${asked.rstCode}`);
        open.delete(done);
        resolve();
      });
      asked.resume().end();
    });
    open.add(done);
  };
  const asking = setInterval(ask, 20);
  return {
    async stop() {
      clearInterval(asking);
      while (open.size > 0) await Promise.all(open);
      session.destroy();
      return { sent, failures };
    },
  };
}

test('an Envoy is drained behind a load balancer while every kind of request runs: none fails, and it ends with 0', { timeout: 600_000 }, async (t) => {
  await using web = await startHttpBackend('web');
  await using prices = await startGrpcBackend('prices');
  await using watching = await startWatchBackend();
  await using sockets = await startWebSocketEcho();
  const secondPort = await freePort();
  const objects = { 'all.yaml': pair(secondPort, web.port, prices.port, watching.port, sockets.port) };
  await using stack = await startStack({ objects, envoys: ['default', 'second'], health: true });
  const [first, second] = stack.healthPorts;
  assert.ok(first !== undefined && second !== undefined);
  const targets = [
    { port: stack.httpPort, healthPort: first },
    { port: secondPort, healthPort: second },
  ];
  await using balancer = await startLoadBalancer(targets);
  assert.deepEqual([(await http(first, '/ready')).status, (await http(first, '/live')).status, (await http(first, '/')).status], [200, 200, 404]);

  await using traffic = startLoad({ port: balancer.port, rate: 200, halfPost: true, headers: { host: webHost } });
  const http2 = startHttp2(balancer.port);
  t.after(http2.stop);
  using caller = pricesClient(balancer.port, grpcHost);
  const callFailures: string[] = [];
  let calls = 0;
  const calling = setInterval(() => {
    calls++;
    caller.get('tea').catch((error: Error) => callFailures.push(error.message));
  }, 20);
  t.after(() => clearInterval(calling));
  // On the Envoy that ends, and begun before.
  const stream = watch(stack.httpPort);
  t.after(stream.close);
  await stream.begun;
  const socket = await webSocket(stack.httpPort, '/socket', webHost);
  t.after(socket.stop);
  const slow = slowRequest(web, stack.httpPort, 3000);
  await waitFor('both have connections', () => balancer.given().every((count) => count > 0));

  const command = drain(stack, 0, '--notice', '1s', '--quiet', '1s', '--timeout', '30s');
  await waitFor('health checks fail', async () => (await http(first, '/ready')).status === 503);
  assert.equal((await http(first, '/live')).status, 200, 'it lives');
  await waitFor('connections are refused', () => command.stderr().includes('new connections are refused'));
  const open = () => stack.stat('http.default/80.downstream_rq_active');
  await waitFor('all but the stream and the WebSocket is done', async () => (await open()) === 2);
  watching.finish();
  await waitFor('the stream is done', async () => (await open()) === 1);
  await sleep(1500);
  assert.equal(command.child.exitCode, null, 'it waits for the WebSocket, longer than it waits for idle connections');
  const { sent: messages, failures: lost, closed } = await socket.stop();
  assert.deepEqual([lost, closed], [[], 0]);
  assert.ok(messages > 50, `${messages}`);
  const { status, stdout, stderr } = await command.ended;
  const result = JSON.parse(stdout) as DrainResult;
  assert.deepEqual([status, result.outcome, result.requests], [0, 'finished', 0], stderr);
  assert.match(stderr, /health checks fail[\s\S]*new connections are refused/);
  assert.equal(await stack.envoys[0]?.ended, 'exit status 0');
  assert.equal(await slow, 200);
  assert.equal(await stream.ended, 2);

  clearInterval(calling);
  const [plain, multiplexed] = [await traffic.stop(), await http2.stop()];
  assert.deepEqual([plain.failed, plain.failures], [0, []]);
  assert.deepEqual(multiplexed.failures, []);
  assert.deepEqual(callFailures, []);
  assert.ok(plain.sent > 500 && multiplexed.sent > 50 && calls > 50, `${plain.sent}, ${multiplexed.sent}, ${calls}`);
  assert.equal((await http(balancer.port, '/', { headers: { host: webHost } })).status, 200, 'the other serves');
});

/** A request that its backend answers after a while; the others are not held up. */
async function slowRequest(backend: HttpBackend, port: number, delayMs: number): Promise<number> {
  const before = backend.count();
  backend.behaviour.delayMs = delayMs;
  const answer = http(port, '/slow', { timeoutMs: 20_000, headers: { host: webHost } });
  await waitFor('it is asked', () => backend.count() > before);
  backend.behaviour.delayMs = 0;
  return (await answer).status;
}

const simple = (port: number): Readonly<Record<string, string>> => ({
  'all.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [port])].join('\n---'),
});

test('what does not end in time is cut, and told; an Envoy that is gone is told as well', async () => {
  await using web = await startHttpBackend('web');
  await using stack = await startStack({ objects: simple(web.port) });
  const slow = slowRequest(web, stack.httpPort, 60_000).catch((error: Error) => error.message);
  await waitFor('it is open', async () => (await stack.stat('http.default/80.downstream_rq_active')) === 1);
  const { status, stdout, stderr } = await drain(stack, 0, '--notice', '0s', '--timeout', '2s').ended;
  const { outcome, requests, tookMs } = JSON.parse(stdout) as DrainResult;
  assert.deepEqual([status, outcome, requests], [1, 'cut', 1], stderr);
  assert.ok(tookMs >= 2000);
  assert.equal(await stack.envoys[0]?.ended, 'exit status 0');
  assert.equal(await slow, 'socket hang up');
  const again = await drain(stack, 0).ended;
  assert.deepEqual([again.status, (JSON.parse(again.stdout) as DrainResult).outcome], [2, 'gone']);
});

/** A port of TCP whose bytes go on as they come. */
const tcpService = (port: number, target: number): string =>
  [
    `
apiVersion: v1
kind: ConfigMap
metadata: {name: tcp-services, namespace: ingress-nginx}
data: {"${port}": default/echo:80}`,
    serviceYaml('echo', [target]),
  ].join('\n---');

/** What comes back for a text. Undefined: the connection was refused or closed. */
function answerOf(client: Socket, text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    client.once('data', (answer) => resolve(String(answer)));
    client.once('close', () => resolve(undefined));
    client.write(text);
  });
}

test('a connection whose bytes go on as they come is waited for until it ends', async (t) => {
  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  t.after(() => echo.close());
  const port = await freePort();
  await using stack = await startStack({
    objects: { 'all.yaml': tcpService(port, (echo.address() as AddressInfo).port) },
    settings: { ingress: { tcpServices: 'ingress-nginx/tcp-services' } },
  });
  const client = await waitFor('it is passed on', async () => {
    const tried = connect(port, '127.0.0.1').on('error', () => undefined);
    t.after(() => tried.destroy());
    return (await answerOf(tried, 'before')) === 'before' ? tried : undefined;
  });
  const command = drain(stack, 0, '--notice', '0s', '--quiet', '500ms', '--timeout', '60s');
  await waitFor('connections are refused', () => command.stderr().includes('new connections are refused, 1 connection and 1 request open'));
  await sleep(1500);
  assert.equal(command.child.exitCode, null, 'it waits for longer than for connections that rest');
  assert.equal(await answerOf(client, 'while it drains'), 'while it drains');
  client.end();
  const { status, stdout, stderr } = await command.ended;
  assert.deepEqual([status, (JSON.parse(stdout) as DrainResult).outcome], [0, 'finished'], stderr);
});

test('the shutdown manager drains by its hook, several that ask get one answer, and by SIGTERM', async () => {
  await using web = await startHttpBackend('web');
  await using stack = await startStack({ objects: simple(web.port), envoys: ['default'] });
  const quick = ['--notice', '0s', '--quiet', '500ms'];
  const [hook, later] = [await freePort(), await freePort()];
  const asked = drain(stack, 0, ...quick, '--shutdown-manager', '--listen', `127.0.0.1:${hook}`);
  try {
    await waitFor('it listens', async () => (await http(hook, '/healthz')).status === 200);
    const slow = slowRequest(web, stack.httpPort, 2500);
    await waitFor('it is open', async () => (await stack.stat('http.default/80.downstream_rq_active')) === 1);
    const ask = { timeoutMs: 20_000 };
    const answers = await Promise.all([http(hook, '/drain', ask), http(hook, '/drain', { ...ask, method: 'POST' })]);
    for (const { status, body } of answers) assert.deepEqual([status, (JSON.parse(body) as DrainResult).outcome], [200, 'finished']);
    assert.equal(await slow, 200);
    assert.equal(await stack.envoys[0]?.ended, 'exit status 0');
    // Its Envoy is gone, as it should be.
    asked.child.kill('SIGTERM');
    assert.equal((await asked.ended).status, 0);

    const next = await stack.startEnvoy('default');
    await next.ready(patienceMs);
    const ending = drain(stack, 1, ...quick, '--shutdown-manager', '--listen', `127.0.0.1:${later}`);
    try {
      await waitFor('it listens', async () => (await http(later, '/healthz')).status === 200);
      const open = slowRequest(web, stack.httpPort, 2500);
      await waitFor('it is open', async () => (await stack.stat('http.default/80.downstream_rq_active', next)) === 1);
      ending.child.kill('SIGTERM');
      const { status, stdout } = await ending.ended;
      assert.deepEqual([status, (JSON.parse(stdout) as DrainResult).outcome], [0, 'finished']);
      assert.equal(await open, 200);
      assert.equal(await next.ended, 'exit status 0');
    } finally {
      ending.child.kill('SIGKILL');
    }
  } finally {
    asked.child.kill('SIGKILL');
  }
});
