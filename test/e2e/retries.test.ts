import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import type { Answer } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, httpRouteYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const paths = ['default', 'twice', 'never', 'once', 'timed', 'idempotent-off', 'idempotent-answers'] as const;

const rule = (name: string): string => `{name: ${name}, matches: [{path: {value: /${name}}}], backendRefs: [{name: shop, port: 80}]}`;

const policy = (section: string | undefined, spec: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: ${section ?? 'gateway'}}
spec:
  targetRefs: [${section === undefined ? '{group: gateway.networking.k8s.io, kind: Gateway, name: gateway}' : `{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop, sectionName: ${section}}`}]
  ${spec}`;

/** No ejection: the tests count tries. */
const backendPolicy = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: shop}
spec: {targetRefs: [{group: "", kind: Service, name: shop}], outlierDetection: {preset: "Off"}}`;

const gatewayConfig = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: behind}
spec: {group: behind, clientAddress: {mode: XForwardedFor, trustedCIDRs: [127.0.0.0/8]}}`;

const objects = (backends: readonly HttpBackend[]): string =>
  [
    gatewayYaml,
    httpRouteYaml('shop', paths.map(rule).join(', ')),
    backendPolicy,
    // The Gateway says two; each rule says over it what it names.
    policy(undefined, 'retries: {count: 2}'),
    policy('twice', 'retries: {"on": [ConnectFailure, Reset]}'),
    policy('never', 'retries: {count: 0}'),
    policy('once', 'retries: {count: 1}'),
    policy('timed', 'retries: {perTryTimeout: 300ms}'),
    policy('idempotent-off', 'retries: {onIdempotent: []}'),
    policy('idempotent-answers', 'retries: {onIdempotent: [GatewayError]}'),
    serviceYaml(
      'shop',
      backends.map(({ port }) => port),
    ),
  ].join('\n---');

describe('retries', () => {
  let backends: readonly HttpBackend[];
  let stack: Stack;
  before(async () => {
    backends = await Promise.all([1, 2, 3, 4].map((number) => startHttpBackend(`shop-${number}`)));
    stack = await startStack({ objects: { 'all.yaml': objects(backends) } });
  });
  after(async () => {
    await stack?.close();
    await Promise.all(backends.map((backend) => backend.close()));
  });
  beforeEach(() => {
    for (const { behaviour } of backends) Object.assign(behaviour, { cuts: false, delayMs: 0, status: 200 });
  });

  let serial = 0;
  /** Sends a request that no other is like; tells the answer, and how often backends saw it. */
  async function ask(method: string, path: (typeof paths)[number], headers: Readonly<Record<string, string>> = {}, body = 'body') {
    const url = `/${path}?${++serial}`;
    const withBody = method === 'GET' || method === 'HEAD' ? {} : { body, headers: { 'content-length': String(Buffer.byteLength(body)), ...headers } };
    const answer: Answer = await stack.http(url, { method, headers, ...withBody });
    await sleep(50);
    const seen = backends.map((backend) => backend.seen.filter((one) => one.url === url));
    return { status: answer.status, tries: seen.flat().length, places: seen.filter((list) => list.length > 0).length, seen: seen.flat() };
  }
  const cutAll = (): void => {
    for (const { behaviour } of backends) behaviour.cuts = true;
  };

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
    test(`${method} that a backend has dropped is tried again on another`, async () => {
      cutAll();
      const { status, tries, places, seen } = await ask(method, 'default');
      assert.deepEqual([status, tries], [503, 3]);
      // Envoy draws a few times for an endpoint that has not failed yet, and then takes what it drew.
      assert.ok(places > 1);
      assert.ok(seen.every(({ headers, body }) => headers['x-envoy-retry-on'] === undefined && ['', 'body'].includes(body)));
    });
  }

  for (const method of ['POST', 'PATCH', 'PURGE']) {
    test(`${method} that a backend has dropped is not sent twice`, async () => {
      cutAll();
      const { status, tries } = await ask(method, 'default');
      assert.deepEqual([status, tries], [503, 1]);
    });

    test(`${method} is sent again where the rule asks for it`, async () => {
      cutAll();
      assert.equal((await ask(method, 'twice')).tries, 3);
    });
  }

  test('a client cannot ask for it', async () => {
    cutAll();
    const headers = { 'x-envoy-retry-on': 'reset,5xx', 'x-envoy-max-retries': '9', 'x-envoy-retry-grpc-on': 'unavailable' };
    assert.equal((await ask('POST', 'default', headers)).tries, 1);
    assert.equal((await ask('GET', 'default', headers)).tries, 3);
    assert.equal((await ask('GET', 'never', headers)).tries, 1);
  });

  test('a count is a count, 0 is none, and a rule may take back what GET has more than POST', async () => {
    cutAll();
    assert.equal((await ask('GET', 'once')).tries, 2);
    assert.equal((await ask('GET', 'never')).tries, 1);
    assert.equal((await ask('GET', 'idempotent-off')).tries, 1);
  });

  test('a rule may name other failures after which a GET is tried again, and a POST is not', async () => {
    for (const { behaviour } of backends) behaviour.status = 502;
    assert.equal((await ask('GET', 'default')).tries, 1);
    assert.equal((await ask('GET', 'idempotent-answers')).tries, 3);
    assert.equal((await ask('POST', 'idempotent-answers')).tries, 1);
  });

  test('a try that takes too long is ended, and tried again only where it may be', async () => {
    for (const { behaviour } of backends) behaviour.delayMs = 1500;
    const get = await ask('GET', 'timed');
    assert.deepEqual([get.status, get.tries], [504, 3]);
    const post = await ask('POST', 'timed');
    assert.deepEqual([post.status, post.tries], [504, 1]);
  });

  test('a body that is longer than Envoy keeps is never sent twice', async () => {
    cutAll();
    const { status, tries } = await ask('PUT', 'default', {}, 'x'.repeat(3_000_000));
    assert.deepEqual([status, tries], [503, 1]);
  });

  test('a backend is killed with requests in hand: no GET fails, no POST is seen twice', async () => {
    for (const { behaviour } of backends) behaviour.delayMs = 1500;
    const first = serial + 1;
    const asked = Promise.all(Array.from({ length: 60 }, (_, index) => ask(index % 2 === 0 ? 'GET' : 'POST', 'default')));
    const ofThese = ({ seen }: HttpBackend) => seen.filter(({ url }) => Number(url.split('?')[1]) >= first);
    await waitFor('all requests are in hand', () => backends.flatMap(ofThese).length === 60);
    const killed = backends[0] ?? assert.fail();
    const inHand = ofThese(killed);
    await killed.close();
    const answers = await asked;
    const gets = answers.filter((_, index) => index % 2 === 0);
    const posts = answers.filter((_, index) => index % 2 === 1);
    assert.ok(inHand.some(({ method }) => method === 'GET') && inHand.some(({ method }) => method === 'POST'), 'the killed one had both in hand');
    assert.deepEqual(
      gets.filter(({ status }) => status !== 200),
      [],
    );
    assert.equal(Math.max(...posts.map(({ tries }) => tries)), 1);
    assert.equal(posts.filter(({ status }) => status !== 200).length, inHand.filter(({ method }) => method === 'POST').length);
  });
});

test('behind a trusted proxy a client cannot ask for retries either', async () => {
  await using shop = await startHttpBackend('shop', { behaviour: { cuts: true } });
  const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners: [{name: http, port: 80, protocol: HTTP}]
  infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: behind}}`;
  const yaml = [gateway, gatewayConfig, httpRouteYaml('shop', rule('default')), backendPolicy, serviceYaml('shop', [shop.port])].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': yaml }, envoys: ['behind'] });
  const headers = { 'x-forwarded-for': '192.0.2.7', 'x-envoy-retry-on': 'reset', 'x-envoy-max-retries': '9' };
  assert.equal((await stack.http('/default', { method: 'POST', headers })).status, 503);
  assert.equal(shop.count(), 1);
  assert.equal((await stack.http('/default', { method: 'GET', headers })).status, 503);
  assert.equal(shop.count(), 1 + 4);
});
