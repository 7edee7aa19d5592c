import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import { startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { type Stack, startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { routeYaml, secureGatewayYaml, serviceYaml } from './objects.ts';
import { sluice } from './sluice.ts';
import { patienceMs, waitFor } from './wait.ts';

const fromState = { release: { fusePercent: 30, fuseHoldMs: 300_000, startFromStateMs: 300 } };

/** A server that was stopped while it served, an Envoy that runs, and a folder that is away. */
async function startWithoutFolder(t: TestContext, port: number, { withKey }: { readonly withKey: boolean }): Promise<Stack> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-state-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(join(root, 'key'), randomBytes(32));
  const stack = await startStack({
    objects: {
      'all.yaml': [secureGatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [port])].join('\n---'),
      'certificate.yaml': await tlsSecretYaml('shop', ['shop.example']),
    },
    state: { stateDir: join(root, 'state'), ...(withKey ? { stateKeyFile: join(root, 'key') } : {}) },
  });
  await waitFor('Envoy has all', async () => (await stack.https('/', { headers: { host: 'shop.example' } })).status === 200);
  await stack.stopServer();
  await rename(stack.folder, `${stack.folder}.away`);
  return stack;
}

async function readiness(stack: Stack): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`http://${stack.server().adminAddress}/readyz`);
  return { status: answer.status, text: await answer.text() };
}

test('while a source stays away nothing is answered, unless the stored state shall serve; then it serves new Envoys too', async (t) => {
  await using backend = await startHttpBackend('b');
  await using stack = await startWithoutFolder(t, backend.port, { withKey: true });
  await using traffic = startLoad({ port: stack.httpPort, rate: 100 });
  await stack.startServer();
  await waitFor('Envoy is back', () => stack.server().ads.nodes().length === 1);
  await sleep(1000);
  assert.match(stack.server().ads.nodes()[0]?.reason ?? '', /source/);
  const unready = await readiness(stack);
  assert.equal(unready.status, 503);
  assert.match(unready.text, /waiting for files:/);
  await stack.stopServer();

  await stack.startServer(fromState);
  await waitFor('Envoy has what was stored', () => stack.server().ads.nodes()[0]?.revisionAcked !== undefined);
  const ready = await readiness(stack);
  assert.equal(ready.status, 200);
  assert.match(ready.text, /serving what was stored at .*, waiting for files:/);
  const told = await sluice(['status', '--server', stack.server().adminAddress]);
  assert.equal(told.status, 1);
  assert.match(told.stdout, /what was stored is served, its oldest revision came .* ago; waiting for files:/);
  // The way of a request is told from what is served; only the lines of its objects are not there.
  const explained = await sluice(['explain', 'http://localhost/', '--server', stack.server().adminAddress]);
  assert.equal(explained.status, 0, explained.stderr);
  assert.match(explained.stdout, /from what was stored, as a source stays away/);
  assert.match(explained.stdout, /^listener +default\/80 on \S+ for port 80/m);
  assert.match(explained.stdout, new RegExp(`^cluster +default/shop/80 100%.*\\n +127\\.0\\.0\\.1:${backend.port} +healthy`, 'm'));
  await traffic.stop();
  assert.deepEqual([traffic.now().failed, traffic.now().failures], [0, []]);

  // One that knows nothing: it has routes, endpoints and certificates from the stored state alone.
  await stack.envoys[0]?.stop();
  await (await stack.startEnvoy('default')).ready(patienceMs);
  assert.deepEqual([(await stack.http('/')).body, (await stack.https('/', { headers: { host: 'shop.example' } })).body], ['b', 'b']);
  await rename(`${stack.folder}.away`, stack.folder);
  await waitFor('the source is there', async () => (await readiness(stack)).text === 'ready');
  const { servesStored, held } = (await (await fetch(`http://${stack.server().adminAddress}/api/v1/status`)).json()) as StatusAnswer;
  assert.deepEqual([servesStored, held], [undefined, []]);
});

test('without a key for secrets the stored state serves what needs none', async (t) => {
  await using backend = await startHttpBackend('b');
  await using stack = await startWithoutFolder(t, backend.port, { withKey: false });
  await stack.startServer(fromState);
  await waitFor('Envoy has what was stored', async () => (await readiness(stack)).status === 200);
  await stack.envoys[0]?.stop();
  await stack.startEnvoy('default');
  await waitFor('HTTP is served', async () => (await stack.http('/')).body === 'b');
  const linted = await sluice(['lint', '--server', stack.server().adminAddress]);
  assert.match(linted.stdout, /SecretNotStored .*default\/shop/);
  await rename(`${stack.folder}.away`, stack.folder);
  await waitFor('HTTPS is served once the source is there', async () => (await stack.https('/', { headers: { host: 'shop.example' } })).body === 'b');
});
