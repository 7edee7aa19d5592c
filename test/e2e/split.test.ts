import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { load, startLoad } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { assertShare, waitFor } from './wait.ts';

const services = (v1: HttpBackend, v2: HttpBackend): string => [gatewayYaml, serviceYaml('v1', [v1.port]), serviceYaml('v2', [v2.port])].join('\n---');

async function startShop(v1: HttpBackend, v2: HttpBackend, route: string): Promise<Stack> {
  return startStack({ objects: { 'services.yaml': services(v1, v2), 'route.yaml': route } });
}

test('20,000 requests are split 90 to 10', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  await using stack = await startShop(v1, v2, routeYaml('shop', { v1: 90, v2: 10 }));
  const result = await load({ port: stack.httpPort, rate: 1000, seconds: 20 });
  assert.deepEqual([result.sent, result.failed, result.failures], [20_000, 0, []]);
  assertShare(result.by['v2'] ?? 0, 20_000, 0.1, 'share of v2');
});

test('weights may have any sum, and 0 gives nothing', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  await using stack = await startShop(v1, v2, routeYaml('shop', { v1: 7, v2: 3 }));
  const uneven = await load({ port: stack.httpPort, rate: 500, seconds: 4 });
  assert.equal(uneven.failed, 0);
  assertShare(uneven.by['v2'] ?? 0, uneven.sent, 0.3, 'share of v2');
  await stack.write('route.yaml', routeYaml('shop', { v1: 1, v2: 0 }));
  await waitFor('only v1 is asked', async () => {
    const before = v2.count();
    const result = await load({ port: stack.httpPort, rate: 100, seconds: 1 });
    return result.failed === 0 && v2.count() === before;
  });
});

test('a weight changed under load moves the share without a failed request', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  await using stack = await startShop(v1, v2, routeYaml('shop', { v1: 100, v2: 0 }));
  await using traffic = startLoad({ port: stack.httpPort, rate: 200, halfPost: true });
  for (const share of [10, 50, 90, 100, 30]) {
    await stack.write('route.yaml', routeYaml('shop', { v1: 100 - share, v2: share }));
    await waitFor(`v2 has ${share} %`, async () => {
      const sample = await load({ port: stack.httpPort, rate: 300, seconds: 1 });
      assertShare(sample.by['v2'] ?? 0, sample.sent, share / 100);
      return true;
    });
  }
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

test('a header chooses the canary whatever the weights say', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - backendRefs: [{name: v1, port: 80}]
    - matches: [{headers: [{name: X-Tester, value: "yes"}]}]
      backendRefs: [{name: v2, port: 80}]`;
  await using stack = await startShop(v1, v2, route);
  const headers = { 'x-tester': 'yes' };
  const testers = await load({ port: stack.httpPort, rate: 200, seconds: 1, headers });
  const others = await load({ port: stack.httpPort, rate: 200, seconds: 1, headers: { 'x-tester': 'no' } });
  assert.deepEqual([testers.by, testers.failed], [{ v2: testers.sent }, 0]);
  assert.deepEqual([others.by, others.failed], [{ v1: others.sent }, 0]);
});

test('the share of a backend that does not exist is answered with 500', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  await using stack = await startShop(v1, v2, routeYaml('shop', { v1: 1, nowhere: 1 }));
  let refused = 0;
  const trials = 400;
  for (let index = 0; index < trials; index++) {
    const { status } = await stack.http('/');
    assert.ok(status === 200 || status === 500, `status ${status}`);
    if (status === 500) refused++;
  }
  assertShare(refused, trials, 0.5, 'share of 500');
});
