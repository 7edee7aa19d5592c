import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
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
    await waitFor('enough is asked', () => traffic.now().sent > 300);
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

test('a request that runs at an endpoint which starts to end is finished; one that is removed is out at once', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  const leaving = { port: a.port, ready: false, serving: true, terminating: true };
  await using stack = await startStack({ objects: { 'all.yaml': objects([a.port]) } });
  a.behaviour.delayMs = 1500;
  const slow = stack.http('/slow');
  await waitFor('a is asked', () => a.count() === 1);
  await stack.write('all.yaml', objects([leaving, b.port]));
  await waitFor('only b is asked', async () => (await load({ port: stack.httpPort, rate: 100, seconds: 0.2 })).by['a'] === undefined);
  const asked = a.count();
  assert.deepEqual((await load({ port: stack.httpPort, rate: 200, seconds: 0.5 })).by, { b: 100 });
  assert.equal(a.count(), asked, 'it got no new request');
  assert.equal((await slow).body, 'a', 'its running one was finished');

  await stack.write('all.yaml', objects([b.port]));
  const members = async (): Promise<string> => (await fetch(`http://${stack.envoys[0]?.adminAddress}/clusters`)).text();
  await waitFor('Envoy has forgotten a', async () => !(await members()).includes(`default/shop/80::127.0.0.1:${a.port}::`));
});

const panicYaml = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: shop}]
  panicThresholdPercent: 0`;

test('where all end one after the other under load, also with a panic threshold of 0, no request fails; status tells the lag', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  const ending = ({ port }: { readonly port: number }) => ({ port, ready: false, serving: true, terminating: true });
  const strict = (endpoints: readonly EndpointText[]): string => [objects(endpoints), panicYaml].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': strict([a.port, b.port]) } });
  await using traffic = startLoad({ port: stack.httpPort, rate: 200, halfPost: true });
  await waitFor('both are asked', () => a.count() > 0 && b.count() > 0);
  await stack.write('all.yaml', strict([ending(a), b.port]));
  await waitFor('a is asked no more', async () => {
    const before = a.count();
    await sleep(200);
    return a.count() === before;
  });
  await stack.write('all.yaml', strict([ending(a), ending(b)]));
  const before = a.count();
  await waitFor('a serves again, as all end', () => a.count() > before + 20);
  await stack.write('all.yaml', strict([ending(b)]));
  await waitFor('a is asked no more', async () => {
    const count = a.count();
    await sleep(200);
    return a.count() === count;
  });
  await a.close();
  const { sent, failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
  assert.ok(sent > 100);

  const { endpointLag } = (await (await fetch(`http://${stack.server().adminAddress}/api/v1/status`)).json()) as StatusAnswer;
  const [lag] = endpointLag;
  assert.ok(lag);
  // A file that takes the place of another is read within 20 ms of its event: the time from there is in it.
  assert.deepEqual([endpointLag.length, lag.group, lag.changes, lag.behind], [1, 'default', 3, 0]);
  assert.ok(lag.p50Ms <= lag.p99Ms && lag.p99Ms === lag.maxMs && lag.preStopSeconds === lag.waitSeconds + 4, JSON.stringify(lag));
  const metrics = await (await fetch(`http://${stack.server().adminAddress}/metrics`)).text();
  assert.match(metrics, /^sluice_endpoint_lag_seconds\{group="default",quantile="0.99"\} [\d.]+$/m);
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
