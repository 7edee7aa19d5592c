import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { load, startLoad } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const policy = (spec: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: shop}]
${spec.trimEnd().replace(/^/gm, '  ')}`;

const objects = (backends: readonly HttpBackend[], spec?: string): string =>
  [
    gatewayYaml,
    routeYaml('shop', { shop: 1 }),
    ...(spec === undefined ? [] : [policy(spec)]),
    serviceYaml(
      'shop',
      backends.map(({ port }) => port),
    ),
  ].join('\n---');

async function backends(count: number): Promise<AsyncDisposable & { readonly all: readonly HttpBackend[] }> {
  const all = await Promise.all(Array.from({ length: count }, (_, index) => startHttpBackend(`shop-${index}`)));
  return {
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((backend) => backend.close()));
    },
  };
}

test('slow start: a new endpoint begins with a small share and reaches its full one', async () => {
  await using shop = await backends(4);
  const [fresh, ...warm] = shop.all as [HttpBackend, ...HttpBackend[]];
  const spec = `loadBalancer: {type: RoundRobin}\nslowStart: {mode: Envoy, window: 8s, minWeightPercent: 10}`;
  await using stack = await startStack({ objects: { 'all.yaml': objects(warm, spec) } });
  await using traffic = startLoad({ port: stack.httpPort, rate: 300 });
  // The others must have left their own window: protection is relative.
  await sleep(9000);
  const share = async (ms: number): Promise<number> => {
    const before = traffic.now();
    await sleep(ms);
    const after = traffic.now();
    const answered = (name: string): number => (after.by[name] ?? 0) - (before.by[name] ?? 0);
    // Of the answers: a busy machine has many requests that are sent and not answered yet.
    return answered(fresh.name) / Object.keys(after.by).reduce((sum, name) => sum + answered(name), 0);
  };
  const began = performance.now();
  /** By its weight, were it there since then, and what some hundred draws may differ. */
  const most = (): number => {
    const weight = Math.min(1, Math.max(0.1, (performance.now() - began) / 8000));
    return weight / (3 + weight) + 0.04;
  };
  await stack.write('all.yaml', objects(shop.all, spec));
  await waitFor('the new endpoint is asked', () => fresh.count() > 0);
  const first = await share(1000);
  const firstMost = most();
  await sleep(3000);
  const middle = await share(1000);
  const middleMost = most();
  await sleep(5000);
  const last = await share(2000);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
  assert.ok(first < firstMost, `at first ${first}, where ${firstMost} was the most`);
  assert.ok(middle > first && middle < middleMost, `half-way ${middle} after ${first}, where ${middleMost} was the most`);
  assert.ok(last > 0.22 && last < 0.28, `at last ${last}`);
});

test('outlier detection can be switched off', async () => {
  await using shop = await backends(3);
  const [bad] = shop.all as [HttpBackend];
  await using stack = await startStack({ objects: { 'all.yaml': objects(shop.all, 'outlierDetection: {preset: "Off"}') } });
  bad.behaviour.status = 500;
  const result = await load({ port: stack.httpPort, rate: 100, seconds: 2 });
  assert.ok(result.failed > 40, `${result.failed} failed of ${result.sent}`);
});

test('a health check takes an endpoint out before any request fails, and back in', async () => {
  await using shop = await backends(3);
  const [sick] = shop.all as [HttpBackend];
  const spec = 'healthCheck: {http: {path: /health, statuses: [200]}, interval: 250ms, timeout: 10s, healthy: 1, unhealthy: 2}';
  await using stack = await startStack({ objects: { 'all.yaml': objects(shop.all, spec) } });
  const healthy = (): Promise<number> => stack.stat('cluster.default/shop/80.membership_healthy');
  await waitFor('every endpoint is checked', async () => shop.all.every((backend) => backend.healthChecks() > 2) && (await healthy()) === 3);
  sick.behaviour.healthy = false;
  await waitFor('it is out', async () => (await healthy()) === 2);
  const before = sick.count();
  const without = await load({ port: stack.httpPort, rate: 200, seconds: 1 });
  assert.deepEqual([without.failed, sick.count() - before], [0, 0]);
  sick.behaviour.healthy = true;
  await waitFor('it is back', async () => (await healthy()) === 3);
});

test('ring hash keeps a user on one endpoint, and users are spread', async () => {
  await using shop = await backends(3);
  const spec = 'loadBalancer: {type: RingHash, hashOn: [{header: x-user}]}';
  await using stack = await startStack({ objects: { 'all.yaml': objects(shop.all, spec) } });
  const used = new Set<string>();
  for (let user = 0; user < 30; user++) {
    const answers = await Promise.all(Array.from({ length: 5 }, () => stack.http('/', { headers: { 'x-user': `user-${user}` } })));
    const names = new Set(answers.map(({ body }) => body));
    assert.equal(names.size, 1, `user ${user} was served by ${[...names]}`);
    for (const name of names) used.add(name);
  }
  assert.equal(used.size, 3);
});

test('a circuit breaker refuses what is above its limit', async () => {
  await using shop = await backends(1);
  const [only] = shop.all as [HttpBackend];
  only.behaviour.delayMs = 500;
  const spec = 'circuitBreaker: {maxConnections: 2, maxPendingRequests: 1}';
  await using stack = await startStack({ objects: { 'all.yaml': objects(shop.all, spec) } });
  const answers = await Promise.all(Array.from({ length: 20 }, () => stack.http('/')));
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.includes(200) && statuses.includes(503), String(statuses));
});

test('a changed policy changes the cluster in place: its name and its traffic stay', async () => {
  await using shop = await backends(2);
  await using stack = await startStack({ objects: { 'all.yaml': objects(shop.all) } });
  await using traffic = startLoad({ port: stack.httpPort, rate: 100, halfPost: true });
  await sleep(500);
  await stack.write('all.yaml', objects(shop.all, 'timeouts: {connect: 3s}\nloadBalancer: {type: LeastRequest, choices: 3}'));
  await waitFor('the cluster was updated', async () => (await stack.stat('cluster_manager.cluster_modified')) > 0);
  await sleep(1000);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});
