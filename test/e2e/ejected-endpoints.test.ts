import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourcesAnswer } from '../../src/admin/api/resources.ts';
import type { EndpointRow } from '../../src/row/endpoint-rows.ts';
import { startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { load } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

test('an ejected endpoint is shown with the Envoy that ejected it, the reason and the time that is left', { timeout: 600_000 }, async () => {
  await using good = await startHttpBackend('good');
  await using bad = await startHttpBackend('bad');
  const policy = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: shop}
spec: {targetRefs: [{group: "", kind: Service, name: shop}], outlierDetection: {baseEjection: 10s, interval: 500ms}}`;
  const objects = { 'all.yaml': [gatewayYaml, serviceYaml('shop', [good.port, bad.port]), policy, routeYaml('shop', { shop: 1 })].join('\n---') };
  await using stack = await startStack({ objects });
  const rowOf = async (port: number): Promise<EndpointRow | undefined> => {
    const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/resources/endpoints`);
    return ((await answer.json()) as ResourcesAnswer<'endpoints'>).rows.find((row) => row.port === port);
  };
  assert.equal((await rowOf(bad.port))?.outAt, undefined, 'no Envoy is asked');
  stack.server().followEnvoys(stack.envoys.map(({ adminAddress }) => adminAddress));
  await waitFor('it is asked', async () => (await rowOf(bad.port))?.outAt?.length === 0);
  bad.behaviour.status = 500;
  await load({ port: stack.httpPort, rate: 100, seconds: 1 });
  const out = await waitFor('it is shown', async () => (await rowOf(bad.port))?.outAt?.[0]);
  assert.equal(out.envoy, 'envoy-0');
  // Whichever of its detectors was first.
  assert.match(out.reason ?? '', /^(answers 5xx in a row|too large a part failed)$/);
  assert.ok(out.leftMs !== undefined && out.leftMs > 0 && out.leftMs <= 10_000, String(out.leftMs));
  assert.deepEqual((await rowOf(good.port))?.outAt, []);
  bad.behaviour.status = 200;
  await waitFor('it is back', async () => (await rowOf(bad.port))?.outAt?.length === 0);
});
