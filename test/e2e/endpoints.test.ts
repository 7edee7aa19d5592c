import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pricesClient, startGrpcBackend, startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { load, startLoad } from './load.ts';
import { type EndpointText, gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const objects = (endpoints: readonly EndpointText[]): string => [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', endpoints)].join('\n---');

for (const protocol of ['delta', 'sotw'] as const) {
  test(`endpoints are replaced one by one under load without a failed request (${protocol})`, async () => {
    await using a = await startHttpBackend('a');
    await using b = await startHttpBackend('b');
    await using c = await startHttpBackend('c');
    await using d = await startHttpBackend('d');
    await using stack = await startStack({ objects: { 'all.yaml': objects([a.port, b.port]) }, protocol });
    await using traffic = startLoad({ port: stack.httpPort, rate: 300, halfPost: true });
    await sleep(500);
    await stack.write('all.yaml', objects([a.port, b.port, c.port]));
    await waitFor('c is asked', () => c.count() > 0);
    await stack.write('all.yaml', objects([b.port, c.port]));
    await waitFor('a is asked no more', async () => {
      const before = a.count();
      await sleep(200);
      return a.count() === before;
    });
    await a.close();
    await stack.write('all.yaml', objects([c.port, d.port]));
    await waitFor('d is asked', () => d.count() > 0);
    await waitFor('b is asked no more', async () => {
      const before = b.count();
      await sleep(200);
      return b.count() === before;
    });
    await b.close();
    const { sent, failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(sent > 300);
  });
}

test('a terminating endpoint that serves gets no new request; when it is the last it still serves', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  const leaving = { port: a.port, ready: false, serving: true, terminating: true };
  await using stack = await startStack({ objects: { 'all.yaml': objects([a.port, b.port]) } });
  await stack.write('all.yaml', objects([leaving, b.port]));
  await waitFor('only b is asked', async () => (await load({ port: stack.httpPort, rate: 100, seconds: 0.3 })).by['a'] === undefined);
  await stack.write('all.yaml', objects([leaving]));
  await waitFor('only a is asked', async () => (await load({ port: stack.httpPort, rate: 100, seconds: 0.3 })).by['b'] === undefined);
  assert.equal((await stack.http('/')).body, 'a');
});

test('from 0 endpoints to 1 and back', async () => {
  await using a = await startHttpBackend('a');
  await using stack = await startStack({ objects: { 'all.yaml': objects([]) } });
  assert.equal((await stack.http('/')).status, 503);
  await stack.write('all.yaml', objects([a.port]));
  await waitFor('a answers', async () => (await stack.http('/')).status === 200);
  await stack.write('all.yaml', objects([]));
  await waitFor('nobody answers', async () => (await stack.http('/')).status === 503);
});

test('gRPC is balanced by request over one connection, also over an endpoint that came later', async () => {
  await using a = await startGrpcBackend('a');
  await using b = await startGrpcBackend('b');
  await using c = await startGrpcBackend('c');
  const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: prices}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - matches: [{method: {service: shop.v1.Prices, method: Get}}]
      backendRefs: [{name: prices, port: 80}]
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: prices}
spec:
  targetRefs: [{group: "", kind: Service, name: prices}]
  loadBalancer: {type: RoundRobin}`;
  const all = (ports: readonly number[]): string => [gatewayYaml, route, serviceYaml('prices', ports)].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': all([a.port, b.port]) } });
  using client = pricesClient(stack.httpPort);
  const spread = async (calls: number): Promise<Record<string, number>> => {
    const by: Record<string, number> = {};
    for (let index = 0; index < calls; index++) {
      const { endpoint } = await client.get('tea');
      by[endpoint] = (by[endpoint] ?? 0) + 1;
    }
    return by;
  };
  const two = await spread(100);
  assert.deepEqual(Object.keys(two).sort(), ['a', 'b']);
  assert.ok(Math.abs((two['a'] ?? 0) - 50) <= 2, JSON.stringify(two));
  await stack.write('all.yaml', all([a.port, b.port, c.port]));
  await waitFor('c is asked', async () => (await client.get('tea')).endpoint === 'c');
  const three = await spread(300);
  for (const name of ['a', 'b', 'c']) assert.ok(Math.abs((three[name] ?? 0) - 100) <= 4, JSON.stringify(three));
});
