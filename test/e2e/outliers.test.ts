import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { type Load, startLoad } from './load.ts';
import { gatewayYaml, httpRouteYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

/** A Service of its own, at its own path. */
interface Pool {
  readonly name: string;
  readonly backends: readonly HttpBackend[];
  readonly yaml: string;
}

async function startPool(stack: AsyncDisposableStack, name: string, size: number, policy = ''): Promise<Pool> {
  const backends: HttpBackend[] = [];
  for (let index = 0; index < size; index++) backends.push(stack.use(await startHttpBackend(`${name}-${index}`, { port: 0 })));
  const ports = backends.map(({ port }) => port);
  const route = httpRouteYaml(name, `{matches: [{path: {type: PathPrefix, value: /${name}}}], backendRefs: [{name: ${name}, port: 80}]}`);
  return { name, backends, yaml: [serviceYaml(name, ports), route, ...(policy === '' ? [] : [policyYaml(name, policy)])].join('\n---') };
}

const policyYaml = (name: string, spec: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: ${name}}
spec:
  targetRefs: [{group: "", kind: Service, name: ${name}}]
  ${spec}`;

async function startGateway(stack: AsyncDisposableStack, pools: readonly Pool[]): Promise<Stack> {
  return stack.use(await startStack({ objects: { 'all.yaml': [gatewayYaml, ...pools.map(({ yaml }) => yaml)].join('\n---') } }));
}

const ejected = (gateway: Stack, { name }: Pool): Promise<number> => gateway.stat(`cluster.default/${name}/80.outlier_detection.ejections_active`);
const panics = (gateway: Stack, { name }: Pool): Promise<number> => gateway.stat(`cluster.default/${name}/80.lb_healthy_panic`);

/** The answers of a second, good and bad. What is still under way on a busy machine is neither. */
async function failuresOf(load: Load): Promise<{ readonly failed: number; readonly good: number }> {
  const goodOf = ({ by }: ReturnType<Load['now']>): number => Object.values(by).reduce((sum, count) => sum + count, 0);
  const before = load.now();
  await sleep(1000);
  const after = load.now();
  return { failed: after.failed - before.failed, good: goodOf(after) - goodOf(before) };
}

/** How many of how many fail, how many of these are out in the end, and who still sees failures then. */
const sizes: readonly { readonly size: number; readonly bad: number; readonly out: number; readonly fails: 'nobody' | 'some' | 'all' }[] = [
  { size: 1, bad: 1, out: 1, fails: 'all' },
  { size: 2, bad: 1, out: 1, fails: 'nobody' },
  { size: 2, bad: 2, out: 1, fails: 'all' },
  { size: 3, bad: 1, out: 1, fails: 'nobody' },
  { size: 3, bad: 2, out: 2, fails: 'nobody' },
  { size: 3, bad: 3, out: 2, fails: 'all' },
  { size: 10, bad: 3, out: 3, fails: 'nobody' },
  { size: 10, bad: 8, out: 6, fails: 'some' },
  { size: 100, bad: 40, out: 40, fails: 'nobody' },
];

test('in pools of every size those that fail are out, never all, and with nothing tuned', async () => {
  await using stack = new AsyncDisposableStack();
  const all = await Promise.all(sizes.map(async (one) => ({ ...one, pool: await startPool(stack, `bad-${one.bad}-of-${one.size}`, one.size) })));
  const gateway = await startGateway(
    stack,
    all.map(({ pool }) => pool),
  );
  for (const { pool, bad } of all) for (const backend of pool.backends.slice(0, bad)) backend.behaviour.status = 503;
  await Promise.all(
    all.map(async ({ pool, size, out, fails }) => {
      await using load = startLoad({ port: gateway.httpPort, path: `/${pool.name}`, rate: Math.min(200, Math.max(30, size * 5)) });
      await waitFor(`${out} of ${pool.name} are out`, async () => (await ejected(gateway, pool)) === out);
      await waitFor(`of ${pool.name} ${fails} fails`, async () => {
        const { failed, good } = await failuresOf(load);
        return failed + good > 0 && failed > 0 === (fails !== 'nobody') && good > 0 === (fails !== 'all');
      });
      // In a pool of one panic is what goes on with it: its answers are its own, not "no healthy upstream".
      assert.equal((await panics(gateway, pool)) > 0, size === 1, `${pool.name}: panic`);
      if (fails === 'all') assert.match(load.now().failures.join(), new RegExp(`^(503 ${pool.name}-\\d+,?)+$`));
      if (size > 1) return;
      for (const backend of pool.backends) backend.behaviour.status = 200;
      await waitFor('the only one serves as soon as it can', async () => (await failuresOf(load)).failed === 0);
    }),
  );
});

test('a page that answers 500 on every endpoint ejects none; an endpoint that answers 500 to everything is out', async () => {
  await using stack = new AsyncDisposableStack();
  const [page, endpoint] = [await startPool(stack, 'page', 3), await startPool(stack, 'endpoint', 3)];
  const gateway = await startGateway(stack, [page, endpoint]);
  for (const { behaviour } of page.backends) behaviour.statusOf = { '/page/broken': 500 };
  for (const { behaviour } of endpoint.backends.slice(0, 1)) behaviour.status = 500;
  await using good = startLoad({ port: gateway.httpPort, path: '/page/good', rate: 60 });
  await using broken = startLoad({ port: gateway.httpPort, path: '/page/broken', rate: 60 });
  await using load = startLoad({ port: gateway.httpPort, path: '/endpoint', rate: 100 });
  await waitFor('the endpoint is out', async () => (await ejected(gateway, endpoint)) === 1);
  assert.deepEqual((await failuresOf(load)).failed, 0);
  assert.equal(good.now().failed, 0);
  await waitFor('the page was asked often', () => broken.now().failed > 50);
  assert.equal(await ejected(gateway, page), 0);
});

test('passive and active together: who answers its health check well and its requests not is out for its time, and neither brings the other back', async () => {
  await using stack = new AsyncDisposableStack();
  const check = 'healthCheck: {http: {path: /health}, interval: 250ms, timeout: 10s, healthy: 1, unhealthy: 2}';
  const pool = await startPool(stack, 'both', 3, `${check}\n  outlierDetection: {baseEjection: 15s}`);
  const [liar, sick] = pool.backends as [HttpBackend, HttpBackend];
  const gateway = await startGateway(stack, [pool]);
  const healthy = (): Promise<number> => gateway.stat('cluster.default/both/80.membership_healthy');
  await waitFor('every endpoint is checked', async () => pool.backends.every((backend) => backend.healthChecks() > 2) && (await healthy()) === 3);
  await using load = startLoad({ port: gateway.httpPort, path: '/both', rate: 90 });
  liar.behaviour.status = 503;
  await waitFor('it is out', async () => (await ejected(gateway, pool)) === 1);
  const [checks, count] = [liar.healthChecks(), liar.count()];
  sick.behaviour.healthy = false;
  await waitFor('the sick one is out as well', async () => (await healthy()) === 1);
  const { failed } = await failuresOf(load);
  // Some good checks later it is still out, and the third one has all: one of three is no panic.
  await waitFor('it was checked', () => liar.healthChecks() - checks > 2);
  assert.deepEqual([failed, liar.count() - count, await panics(gateway, pool)], [0, 0, 0]);
  liar.behaviour.status = 200;
  sick.behaviour.healthy = true;
  await waitFor('both are back', async () => (await healthy()) === 3 && liar.count() > count, 60_000);
});
