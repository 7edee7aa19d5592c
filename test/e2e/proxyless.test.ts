import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGrpcBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { serviceYaml } from './objects.ts';
import { type CallCounts, type ProxylessClient, startProxylessClient } from './proxyless-client.ts';
import { assertShare, waitFor } from './wait.ts';

const prices = (endpoints: readonly number[], name = 'prices'): string => serviceYaml(name, endpoints, { port: 9000, appProtocol: 'grpc' });

const routeYaml = (rules: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: prices}
spec:
  parentRefs: [{group: "", kind: Service, name: prices}]
  rules: ${rules}`;

/** What a client counts from now on for a while. */
async function during(client: ProxylessClient, ms: number): Promise<CallCounts> {
  const before = client.now();
  await sleep(ms);
  const after = client.now();
  const gain = (now: Readonly<Record<string, number>>, then: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(now)
        .map(([key, count]) => [key, count - (then[key] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
  return { answered: gain(after.answered, before.answered), failed: gain(after.failed, before.failed) };
}

const hasAnswered = (client: ProxylessClient, ...names: readonly string[]) =>
  waitFor(`answers of ${names.join(', ')}`, () => {
    assert.deepEqual(client.now().failed, {}, client.complaints());
    return names.every((name) => (client.now().answered[name] ?? 0) > 0);
  });

test('gRPC clients: calls reach all endpoints, and move with them; none fails', async () => {
  await using a = await startGrpcBackend('a');
  await using b = await startGrpcBackend('b');
  await using c = await startGrpcBackend('c');
  await using stack = await startStack({ objects: { 'all.yaml': prices([a.port, b.port]) }, envoys: [] });
  assert.deepEqual(stack.server().engine.groups(), [], 'nothing is built before a client asks');
  await using client = startProxylessClient(stack.server().xdsAddress);
  await hasAnswered(client, 'a', 'b');
  const [node] = stack.server().ads.nodes();
  assert.match(node?.agent ?? '', /^gRPC Node/);
  await stack.write('all.yaml', prices([b.port, c.port]));
  await hasAnswered(client, 'c');
  await waitFor('a is let go', async () => {
    const { answered } = await during(client, 250);
    return answered['a'] === undefined;
  });
  const { answered, failed } = await during(client, 1000);
  assert.deepEqual(Object.keys(answered).sort(), ['b', 'c']);
  assertShare(answered['b'] ?? 0, (answered['b'] ?? 0) + (answered['c'] ?? 0), 0.5);
  assert.deepEqual([failed, client.now().failed], [{}, {}]);
});

test('gRPC clients: every name of a Service may be dialled', async () => {
  await using a = await startGrpcBackend('a');
  await using stack = await startStack({ objects: { 'all.yaml': prices([a.port]) }, envoys: [] });
  for (const name of ['prices', 'prices.default', 'prices.default.svc:9000', 'prices.default.svc.cluster.local']) {
    await using client = startProxylessClient(stack.server().xdsAddress, ['--target', `xds:///${name}`]);
    await hasAnswered(client, 'a');
  }
});

test('gRPC clients: a GRPCRoute splits by header and by weight, and a change of it fails no call', async () => {
  await using v1 = await startGrpcBackend('v1');
  await using v2 = await startGrpcBackend('v2');
  const services = [prices([v1.port]), prices([v2.port], 'prices-v2')].join('\n---');
  const preview = `{matches: [{headers: [{name: x-preview, value: "yes"}]}], backendRefs: [{name: prices-v2, port: 9000}]}`;
  const split = (weight: number) => `{backendRefs: [{name: prices, port: 9000, weight: ${100 - weight}}, {name: prices-v2, port: 9000, weight: ${weight}}]}`;
  await using stack = await startStack({ objects: { 'services.yaml': services }, envoys: [] });
  const { xdsAddress } = stack.server();
  await using everybody = startProxylessClient(xdsAddress);
  await using tester = startProxylessClient(xdsAddress, ['--header', 'x-preview=yes', '--node', 'tester']);
  await hasAnswered(everybody, 'v1');
  await hasAnswered(tester, 'v1');
  await stack.write('route.yaml', routeYaml(`[${preview}, ${split(25)}]`));
  await hasAnswered(everybody, 'v2');
  await hasAnswered(tester, 'v2');
  const [shares, tests] = await Promise.all([during(everybody, 3000), during(tester, 3000)]);
  assert.deepEqual(Object.keys(tests.answered), ['v2']);
  const all = Object.values(shares.answered).reduce((sum, count) => sum + count, 0);
  assertShare(shares.answered['v2'] ?? 0, all, 0.25);
  await stack.write('route.yaml', routeYaml(`[${split(100)}]`));
  await waitFor('all calls go to v2', async () => Object.keys((await during(everybody, 250)).answered).join() === 'v2');
  assert.deepEqual([everybody.now().failed, tester.now().failed], [{}, {}]);
});

test('gRPC clients: a restart of the server fails no call, and changes arrive after it', async () => {
  await using a = await startGrpcBackend('a');
  await using b = await startGrpcBackend('b');
  await using stack = await startStack({ objects: { 'all.yaml': prices([a.port]) }, envoys: [] });
  await using client = startProxylessClient(stack.server().xdsAddress);
  await hasAnswered(client, 'a');
  await stack.stopServer();
  const before = client.now().answered['a'] ?? 0;
  await waitFor('calls go on', () => (client.now().answered['a'] ?? 0) > before + 100);
  await stack.startServer();
  await stack.write('all.yaml', prices([b.port]));
  await waitFor('the client is back', () => stack.server().ads.nodes().length === 1);
  await hasAnswered(client, 'b');
  assert.deepEqual(client.now().failed, {});
});

test('gRPC clients: what only an Envoy can do makes them refuse nothing', async () => {
  await using a = await startGrpcBackend('a');
  const policy = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: prices}
spec:
  targetRefs: [{group: "", kind: Service, name: prices}]
  loadBalancer: {type: LeastRequest}
  slowStart: {window: 10s}
  healthCheck: {grpc: {}}
  outlierDetection: {consecutive5xx: 3, successRate: {}}
  timeouts: {connect: 1s, idle: 4s}
  tcpKeepalive: {time: 60s}
  locality: {prefer: Zone}`;
  const route = routeYaml(`
    - matches: [{method: {type: RegularExpression, service: "shop[.].*"}}]
      filters:
        - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-a, value: b}]}}
        - {type: RequestMirror, requestMirror: {backendRef: {name: prices, port: 9000}}}
      backendRefs: [{name: prices, port: 9000}]
    - matches: [{method: {service: nobody.v1.Nobody}}]
      backendRefs: [{name: missing, port: 1}]`);
  await using stack = await startStack({ objects: { 'all.yaml': [prices([a.port]), policy, route].join('\n---') }, envoys: [] });
  await using client = startProxylessClient(stack.server().xdsAddress);
  await hasAnswered(client, 'a');
  const [node] = stack.server().ads.nodes();
  assert.deepEqual(
    Object.entries(node?.types ?? {}).filter(([, { state }]) => state === 'NACKED'),
    [],
  );
});
