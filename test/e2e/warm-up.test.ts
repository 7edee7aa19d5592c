import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { type EndpointText, gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { sluice } from './sluice.ts';
import { patienceMs, waitFor } from './wait.ts';

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

const percents = (stack: Stack): readonly number[] =>
  stack
    .server()
    .engine.warmUps()[0]
    ?.endpoints.map(({ percent }) => percent) ?? [];

/** Its share by the weights of this moment; all others are aged. */
function shareByWeight(stack: Stack): number {
  const percent = Math.min(...percents(stack));
  return percent / (100 * (percents(stack).length - 1) + percent);
}

/** Draws of some hundred requests, and the time that weights need to Envoy. */
const tolerance = 0.06;

/** Fails unless the last of the backends gets what the weights of this time give it, however fast the machine is. @returns the share by the last weight. */
async function assertByWeight(stack: Stack, backends: readonly HttpBackend[]): Promise<number> {
  const least = shareByWeight(stack);
  const got = await share(backends, 1500);
  const most = shareByWeight(stack);
  assert.ok(got > least - tolerance && got < most + tolerance, `${got} where weights give ${least} to ${most}`);
  return most;
}

for (const type of ['RoundRobin', 'LeastRequest']) {
  test(`the share of a new endpoint grows by the weights that Sluice sends (${type})`, { timeout: 600_000 }, async () => {
    await using shop = await fourBackends();
    const spec = `loadBalancer: {type: ${type}}, slowStart: {mode: Sluice, window: 10s}`;
    await using stack = await startStack({ objects: { 'all.yaml': objects(shop.ports.slice(0, 3), spec) } });
    await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
    await waitFor('it is served', () => traffic.now().sent > 100);
    await stack.write('all.yaml', objects(shop.ports, spec));
    await waitFor('the new endpoint is asked', () => shop.fresh.count() > 0);
    const first = await assertByWeight(stack, shop.all);
    assert.ok(first < 0.2, 'it is young');
    await waitFor('its weight is another', () => shareByWeight(stack) > Math.min(first + tolerance, 0.24));
    await assertByWeight(stack, shop.all);
    await waitFor('it is aged', () => percents(stack).every((percent) => percent === 100));
    await assertByWeight(stack, shop.all);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
  });
}

test('in the middle of a window an Envoy that starts, and one whose cluster changed, spare the new endpoint as well', { timeout: 600_000 }, async () => {
  await using shop = await fourBackends();
  const spec = 'loadBalancer: {type: RoundRobin}, slowStart: {mode: Sluice, window: 120s}';
  await using stack = await startStack({ objects: { 'all.yaml': objects(shop.ports.slice(0, 3), spec) } });
  await stack.write('all.yaml', objects(shop.ports, spec));
  await waitFor('it is warmed up', () => percents(stack).some((percent) => percent < 100));
  await stack.envoys[0]?.stop();
  const restarted = await stack.startEnvoy('default');
  await restarted.ready(patienceMs);
  {
    await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
    await waitFor('it is served', () => traffic.now().sent > 100);
    await assertByWeight(stack, shop.all);
    await stack.write('all.yaml', objects(shop.ports, `${spec}, timeouts: {connect: 900ms}`));
    await waitFor('the cluster changed', async () => (await stack.stat('cluster_manager.cluster_modified', restarted)) > 0);
    assert.ok((await assertByWeight(stack, shop.all)) < 0.18, 'it is young');
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
  }
});

test('an Envoy that prefers its own zone spares a new endpoint that is alone there, until it is warm', { timeout: 600_000 }, async () => {
  await using shop = await fourBackends();
  const endpoints = shop.ports.map((port, index) => ({ port, zone: index === 3 ? 'b' : 'a' }));
  const spec = 'loadBalancer: {type: RoundRobin}, locality: {prefer: Zone}, slowStart: {mode: Sluice, window: 12s}';
  await using stack = await startStack({ objects: { 'all.yaml': objects(endpoints.slice(0, 3), spec) }, envoys: [] });
  await (await stack.startEnvoy('default', 'b')).ready(patienceMs);
  await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
  await waitFor('it is served', () => traffic.now().sent > 100);
  await stack.write('all.yaml', objects(endpoints, spec));
  await waitFor('the new endpoint is asked', () => shop.fresh.count() > 0);
  assert.ok((await assertByWeight(stack, shop.all)) < 0.2, 'it is young');
  await waitFor('it is aged, and has all', async () => percents(stack).every((percent) => percent === 100) && (await share(shop.all, 500)) > 0.95);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

test('an abort to a version that was left without requests: all of it is cold and it is said, and what is new there is no colder', {
  timeout: 600_000,
}, async () => {
  await using shop = await fourBackends();
  const [a, b, fresh] = shop.all as [HttpBackend, HttpBackend, HttpBackend];
  await using canary = await startHttpBackend('canary');
  const spec = 'loadBalancer: {type: RoundRobin}, slowStart: {mode: Sluice, window: 8s}';
  const split = (weight: number, old: readonly HttpBackend[]): string =>
    [
      objects(
        old.map(({ port }) => port),
        spec,
      ).replace(routeYaml('shop', { shop: 1 }), routeYaml('shop', { shop: 100 - weight, canary: weight })),
      serviceYaml('canary', [canary.port]),
    ].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': split(0, [a, b]) } });
  await using traffic = startLoad({ port: stack.httpPort, rate: 200 });
  await waitFor('the old version is asked', () => b.count() > 0);
  await stack.write('all.yaml', split(100, [a, b]));
  await waitFor('the canary has all', async () => {
    const before = a.count() + b.count();
    await sleep(300);
    return canary.count() > 0 && a.count() + b.count() === before;
  });
  assert.deepEqual(percents(stack), [100, 100]);
  // As long as the window: then nobody of it is warm any more.
  await sleep(9000);
  const planned = await mkdtemp(join(tmpdir(), 'sluice-warm-up-'));
  try {
    await writeFile(join(planned, 'all.yaml'), split(0, [a, b, fresh]));
    const { stdout } = await sluice(['plan', planned, '--server', `http://${stack.server().adminAddress}`]);
    assert.match(stdout, /^- cluster default\/shop\/80 is cold \(no requests for .*, longer than its window of 8s\) and gets 100% of .* all at once$/m);
  } finally {
    await rm(planned, { recursive: true, force: true });
  }
  await stack.write('all.yaml', split(0, [a, b, fresh]));
  const young = await waitFor('they are asked, and young', () => (fresh.count() > 0 && percents(stack).length === 3 ? percents(stack) : undefined));
  assert.deepEqual([new Set(young).size, young[0] !== 100], [1, true]);
  const status = (await (await fetch(`http://${stack.server().adminAddress}/api/v1/status`)).json()) as StatusAnswer;
  assert.deepEqual(
    status.warmUps.map(({ young: count, endpoints, isMostlyYoung }) => [count, endpoints, isMostlyYoung]),
    [[3, 3, true]],
  );
  const got = await share([a, b, fresh], 1500);
  assert.ok(Math.abs(got - 1 / 3) < tolerance, `${got}`);
  await waitFor('they are warm', () => percents(stack).every((percent) => percent === 100));
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

test('a window goes on over a restart of Sluice, also for an endpoint that came while it was away', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-warm-up-'));
  try {
    await using shop = await fourBackends();
    // Its steps are a minute: however slow the machine is, the first is not over.
    const spec = 'slowStart: {mode: Sluice, window: 10m}';
    await using stack = await startStack({ objects: { 'all.yaml': objects(shop.ports.slice(0, 2), spec) }, state: { stateDir } });
    const sorted = (): readonly number[] => percents(stack).toSorted((a, b) => a - b);
    await stack.write('all.yaml', objects(shop.ports.slice(0, 3), spec));
    await waitFor('it is warmed up', () => percents(stack).length === 3);
    assert.deepEqual(sorted(), [10, 100, 100]);
    await stack.stopServer();
    await stack.write('all.yaml', objects(shop.ports, spec));
    await stack.startServer();
    await waitFor('it is built again', () => percents(stack).length === 4);
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
