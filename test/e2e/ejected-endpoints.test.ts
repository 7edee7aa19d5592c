import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourcesAnswer } from '../../src/admin/api/resources.ts';
import type { EndpointRow } from '../../src/row/endpoint-rows.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { load } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { startSluice } from './sluice.ts';
import { waitFor } from './wait.ts';

const policy = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: shop}
spec: {targetRefs: [{group: "", kind: Service, name: shop}], outlierDetection: {baseEjection: 10s, interval: 500ms}}`;
const objects = (ports: readonly number[]) => ({
  'all.yaml': [gatewayYaml, serviceYaml('shop', ports), policy, routeYaml('shop', { shop: 1 })].join('\n---'),
});

async function rowOf(stack: Stack, port: number): Promise<EndpointRow | undefined> {
  const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/resources/endpoints`);
  return ((await answer.json()) as ResourcesAnswer<'endpoints'>).rows.find((row) => row.port === port);
}

/** Fails unless an endpoint that goes bad is shown as out at the first Envoy, and as in again when that is over. */
async function assertShown(stack: Stack, good: HttpBackend, bad: HttpBackend): Promise<void> {
  await waitFor('it is asked', async () => (await rowOf(stack, bad.port))?.outAt?.length === 0);
  bad.behaviour.status = 500;
  await load({ port: stack.httpPort, rate: 100, seconds: 1 });
  const out = await waitFor('it is shown', async () => (await rowOf(stack, bad.port))?.outAt?.[0]);
  assert.equal(out.envoy, 'envoy-0');
  // Whichever of its detectors was first.
  assert.match(out.reason ?? '', /^(answers 5xx in a row|too large a part failed)$/);
  assert.ok(out.leftMs !== undefined && out.leftMs > 0 && out.leftMs <= 10_000, String(out.leftMs));
  assert.deepEqual((await rowOf(stack, good.port))?.outAt, []);
  bad.behaviour.status = 200;
  await waitFor('it is back', async () => (await rowOf(stack, bad.port))?.outAt?.length === 0);
}

test('an ejected endpoint is shown with the Envoy that ejected it, the reason and the time that is left', { timeout: 600_000 }, async () => {
  await using good = await startHttpBackend('good');
  await using bad = await startHttpBackend('bad');
  await using stack = await startStack({ objects: objects([good.port, bad.port]) });
  assert.equal((await rowOf(stack, bad.port))?.outAt, undefined, 'no Envoy is asked');
  stack.server().followEnvoys(stack.envoys.map(({ adminAddress }) => adminAddress));
  await assertShown(stack, good, bad);
});

test('so it is by the view beside an Envoy that is connected, which shows nothing else of its admin page', { timeout: 600_000 }, async () => {
  await using good = await startHttpBackend('good');
  await using bad = await startHttpBackend('bad');
  const port = await freePort();
  await using stack = await startStack({ objects: objects([good.port, bad.port]), envoyViewPort: port });
  const admin = `http://${stack.envoys[0]?.adminAddress}`;
  const manager = startSluice([
    'drain',
    '--shutdown-manager',
    '--envoy-admin',
    admin,
    '--listen',
    '127.0.0.1:0',
    '--view',
    `127.0.0.1:${port}`,
    '--notice',
    '0s',
  ]);
  try {
    await assertShown(stack, good, bad);
    for (const path of ['/', '/server_info', '/config_dump', '/clusters', '/stats', '/drain']) {
      assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 404, path);
    }
    for (const path of ['/out', '/quitquitquit']) assert.equal((await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })).status, 404, path);
    await stack.envoys[0]?.stop();
    await waitFor('who is gone is not told of', async () => (await rowOf(stack, bad.port))?.outAt === undefined);
    assert.equal((await fetch(`http://127.0.0.1:${port}/out`)).status, 502);
  } finally {
    manager.child.kill('SIGTERM');
  }
  assert.equal((await manager.ended).status, 0, manager.stderr());
});
