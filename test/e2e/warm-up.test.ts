import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { type EndpointText, gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const objects = (endpoints: readonly EndpointText[], spec: string): string =>
  `${[gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', endpoints)].join('\n---')}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: shop}
spec: {targetRefs: [{group: "", kind: Service, name: shop}], ${spec}}
`;

async function fourBackends(): Promise<
  AsyncDisposable & { readonly all: readonly HttpBackend[]; readonly ports: readonly number[]; readonly fresh: HttpBackend }
> {
  const all = await Promise.all(['a', 'b', 'c', 'fresh'].map((name) => startHttpBackend(name)));
  const fresh = all.at(-1) ?? assert.fail();
  return {
    all,
    fresh,
    ports: all.map(({ port }) => port),
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((backend) => backend.close()));
    },
  };
}

/** Share of the requests that the last of the backends got in this time. */
async function share(backends: readonly HttpBackend[], milliseconds: number): Promise<number> {
  const counts = (): readonly number[] => backends.map((backend) => backend.count());
  const before = counts();
  await sleep(milliseconds);
  const got = counts().map((count, index) => count - (before[index] ?? 0));
  return (got.at(-1) ?? 0) / got.reduce((sum, count) => sum + count, 0);
}

for (const type of ['RoundRobin', 'LeastRequest']) {
  test(`the share of a new endpoint grows by the weights that Sluice sends (${type})`, async () => {
    await using shop = await fourBackends();
    const spec = `loadBalancer: {type: ${type}}, slowStart: {mode: Sluice, window: 6s}`;
    await using stack = await startStack({ objects: { 'all.yaml': objects(shop.ports.slice(0, 3), spec) } });
    await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
    await waitFor('it is served', () => traffic.now().sent > 100);
    await stack.write('all.yaml', objects(shop.ports, spec));
    await waitFor('the new endpoint is asked', () => shop.fresh.count() > 0);
    const first = await share(shop.all, 800);
    await sleep(1700);
    const middle = await share(shop.all, 800);
    await sleep(3800);
    // Endpoints are drawn: of 900 requests a quarter is 3 % more or less, of 300 now and then 5 %.
    const last = await share(shop.all, 3000);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(first < 0.09, `at first ${first}`);
    assert.ok(middle > first && middle < 0.2, `half-way ${middle} after ${first}`);
    assert.ok(last > 0.2 && last < 0.3, `at last ${last}`);
  });
}

test('in the middle of a window an Envoy that starts, and one whose cluster changed, spare the new endpoint as well', async () => {
  await using shop = await fourBackends();
  const spec = 'loadBalancer: {type: RoundRobin}, slowStart: {mode: Sluice, window: 20s}';
  await using stack = await startStack({ objects: { 'all.yaml': objects(shop.ports.slice(0, 3), spec) } });
  await stack.write('all.yaml', objects(shop.ports, spec));
  await waitFor('it is warmed up', () =>
    stack
      .server()
      .engine.warmUps()[0]
      ?.endpoints.some(({ percent }) => percent < 100),
  );
  await stack.envoys[0]?.stop();
  const restarted = await stack.startEnvoy('default');
  await restarted.ready(20_000);
  {
    await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
    await waitFor('it is served', () => traffic.now().sent > 100);
    const after = await share(shop.all, 1000);
    assert.ok(after < 0.17, `after the start of an Envoy ${after}`);
    await stack.write('all.yaml', objects(shop.ports, `${spec}, timeouts: {connect: 900ms}`));
    await waitFor('the cluster changed', async () => (await stack.stat('cluster_manager.cluster_modified', restarted)) > 0);
    const changed = await share(shop.all, 1000);
    assert.ok(changed < 0.2, `after a change of the cluster ${changed}`);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
  }
});

test('an Envoy that prefers its own zone spares a new endpoint that is alone there, until it is warm', async () => {
  await using shop = await fourBackends();
  const endpoints = shop.ports.map((port, index) => ({ port, zone: index === 3 ? 'b' : 'a' }));
  const spec = 'loadBalancer: {type: RoundRobin}, locality: {prefer: Zone}, slowStart: {mode: Sluice, window: 5s}';
  await using stack = await startStack({ objects: { 'all.yaml': objects(endpoints.slice(0, 3), spec) }, envoys: [] });
  await (await stack.startEnvoy('default', 'b')).ready(20_000);
  await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
  await waitFor('it is served', () => traffic.now().sent > 100);
  await stack.write('all.yaml', objects(endpoints, spec));
  await waitFor('the new endpoint is asked', () => shop.fresh.count() > 0);
  const first = await share(shop.all, 1000);
  await waitFor('it is aged', () =>
    stack
      .server()
      .engine.warmUps()[0]
      ?.endpoints.every(({ percent }) => percent === 100),
  );
  await sleep(500);
  const last = await share(shop.all, 500);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
  assert.ok(first < 0.12, `at first ${first}`);
  assert.ok(last > 0.9, `at last ${last}`);
});

test('a window goes on over a restart of Sluice, also for an endpoint that came while it was away', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-warm-up-'));
  try {
    await using shop = await fourBackends();
    const spec = 'slowStart: {mode: Sluice, window: 60s}';
    await using stack = await startStack({ objects: { 'all.yaml': objects(shop.ports.slice(0, 2), spec) }, state: { stateDir } });
    const percents = (): readonly number[] =>
      stack
        .server()
        .engine.warmUps()[0]
        ?.endpoints.map(({ percent }) => percent) ?? [];
    const sorted = (): readonly number[] => percents().toSorted((a, b) => a - b);
    await stack.write('all.yaml', objects(shop.ports.slice(0, 3), spec));
    await waitFor('it is warmed up', () => percents().length === 3);
    assert.deepEqual(sorted(), [10, 100, 100]);
    await stack.stopServer();
    await stack.write('all.yaml', objects(shop.ports, spec));
    await stack.startServer();
    await waitFor('it is built again', () => percents().length === 4);
    assert.deepEqual(sorted(), [10, 10, 100, 100]);
    await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
    await waitFor('the newest is asked', () => shop.fresh.count() > 0);
    const now = await share(shop.all, 1000);
    assert.ok(now < 0.12, `${now}`);
    assert.equal((await traffic.stop()).failed, 0);
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
});
