import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import type { Ask } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, httpRouteYaml, ingressYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';

const ingress = (name: string, service: string, annotations: Readonly<Record<string, string>> = {}): string => ingressYaml(name, annotations, { service });

suite('what Ingresses ask of the way to backends', () => {
  let backend: HttpBackend;
  let stack: Stack;

  before(async () => {
    backend = await startHttpBackend('a');
    const down = await freePort();
    const objects = [
      serviceYaml('a', [backend.port]),
      serviceYaml('down', [down]),
      serviceYaml('mix', [backend.port, down]),
      serviceYaml('empty', []),
      gatewayYaml,
      httpRouteYaml('route', '{matches: [{headers: [{name: x-route, value: "1"}]}], backendRefs: [{name: down, port: 80}]}'),
      ingress('plain', 'a'),
      ingress('down', 'down'),
      ingress('mix', 'mix'),
      ingress('empty', 'empty'),
      ingress('slow', 'a', { 'proxy-read-timeout': '1' }),
      ingress('once', 'a', { 'proxy-read-timeout': '1', 'proxy-next-upstream': 'off' }),
      ingress('errors', 'a', { 'proxy-read-timeout': '1', 'proxy-next-upstream': 'error' }),
      ingress('codes', 'a', { 'proxy-next-upstream': 'error timeout http_503', 'proxy-next-upstream-tries': '2' }),
      ingress('small', 'a', { 'proxy-body-size': '8k' }),
      ingress('any', 'a', { 'proxy-body-size': '0' }),
      ingress('large', 'a', { 'proxy-body-size': '20m' }),
      ingress('wrong', 'a', { 'proxy-body-size': '15r' }),
      ingress('streamed', 'a', { 'proxy-request-buffering': 'off' }),
    ];
    stack = await startStack({ objects: { 'all.yaml': objects.join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    await backend?.close();
  });
  beforeEach(() => {
    Object.assign(backend.behaviour, { status: 200, delayMs: 0, cuts: false });
  });

  interface Seen {
    readonly status: number;
    readonly calls: number;
  }
  const ask = async (host: string, { headers, ...more }: Ask = {}): Promise<Seen> => {
    const before = backend.count();
    const { status } = await stack.http('/', { ...more, headers: { host: `${host}.example`, ...headers } });
    return { status, calls: backend.count() - before };
  };
  /** Fails where the answer came before so many time-outs of a second, which Envoy counts with a coarse clock, or as late as the backend's own. */
  const timed = async <T>(seconds: number, answer: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const answered = await answer();
    const elapsed = performance.now() - begun;
    assert.ok(elapsed >= seconds * 1000 - 100 && elapsed < backend.behaviour.delayMs, `${elapsed} ms`);
    return answered;
  };
  const post = (bytes: number): Ask => ({ method: 'POST', body: 'x'.repeat(bytes) });

  test('a backend that refuses is 502, one without endpoints 503, and an HTTPRoute beside them keeps its 503', async () => {
    assert.equal((await ask('down')).status, 502);
    assert.equal((await ask('empty')).status, 503);
    assert.equal((await stack.http('/', { headers: { host: 'other.example', 'x-route': '1' } })).status, 503);
  });

  test('a backend that cuts the connection is 502, after three tries of a GET and one of a POST', async () => {
    backend.behaviour.cuts = true;
    assert.deepEqual(await ask('plain'), { status: 502, calls: 3 });
    assert.deepEqual(await ask('plain', post(1)), { status: 502, calls: 1 });
  });

  test('an endpoint that refuses costs no request, of whatever method', async () => {
    for (const more of [{}, post(1)]) for (let count = 0; count < 10; count++) assert.equal((await ask('mix', more)).status, 200);
  });

  test('silence is 504 after the read time-out of each try', async () => {
    backend.behaviour.delayMs = 60_000;
    const [slow, slowPost, once, errors] = await Promise.all([
      stack.http('/', { headers: { host: 'slow.example' } }),
      stack.http('/', { ...post(1), headers: { host: 'slow.example' } }),
      timed(1, () => ask('once')),
      timed(1, () => ask('errors')),
    ]);
    assert.deepEqual([slow.status, slowPost.status, once.status, errors.status], [504, 504, 504, 504]);
    await sleep(2000);
  });

  test('the tries of a read time-out add up, and a POST has one', async () => {
    backend.behaviour.delayMs = 60_000;
    assert.deepEqual(await timed(3, () => ask('slow')), { status: 504, calls: 3 });
    assert.deepEqual(await timed(1, () => ask('slow', post(1))), { status: 504, calls: 1 });
  });

  test('answers are tried again where a word says so', async () => {
    backend.behaviour.status = 503;
    assert.deepEqual(await ask('codes'), { status: 503, calls: 2 });
    assert.deepEqual(await ask('codes', post(1)), { status: 503, calls: 1 });
    backend.behaviour.status = 500;
    assert.deepEqual(await ask('codes'), { status: 500, calls: 1 });
  });

  test('bodies have their size', async () => {
    const chunked = { 'transfer-encoding': 'chunked' };
    assert.equal((await ask('small', post(8192))).status, 200);
    assert.equal((await ask('small', post(8193))).status, 413);
    assert.equal((await ask('small', { ...post(9000), headers: chunked })).status, 413);
    assert.equal((await ask('any', post(3_000_000))).status, 200);
    assert.equal((await ask('wrong', post(1024 ** 2 + 1))).status, 413);
    assert.equal((await ask('streamed', post(1024 ** 2 + 1))).status, 413);
    assert.equal((await ask('large', post(2 * 1024 ** 2))).status, 200);
    assert.equal((await ask('large', post(20 * 1024 ** 2 + 1))).status, 413);
  });

  test('a chunked body comes in whole, with its length', async () => {
    await ask('plain', { ...post(500), headers: { 'transfer-encoding': 'chunked' } });
    const seen = backend.seen.at(-1)?.headers;
    assert.deepEqual([seen?.['content-length'], seen?.['transfer-encoding']], ['500', undefined]);
  });

  test('a WebSocket does not wait for the end of its request', async () => {
    const socket = connect(stack.httpPort, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: plain.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    // The backend knows no WebSockets, and answers.
    assert.match(answer.toString(), /^HTTP\/1\.1 200/);
  });
});
