import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import { startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { sluice } from './sluice.ts';
import { waitFor } from './wait.ts';

async function release(stack: Stack): Promise<StatusAnswer['releases'][number] | undefined> {
  const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/status`);
  return ((await answer.json()) as StatusAnswer).releases[0];
}

async function command(stack: Stack, ...words: readonly string[]): Promise<void> {
  const { status, stderr } = await sluice([...words, '--server', stack.server().adminAddress]);
  assert.deepEqual([status, stderr], [0, '']);
}

test('an older revision is served with the endpoints of today, over a restart, until it is unpinned; no request fails', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-state-'));
  t.after(() => rm(stateDir, { recursive: true }));
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using c = await startHttpBackend('c');
  const servedBy = async (name: string): Promise<unknown> => waitFor(`${name} answers`, async () => (await stack.http('/')).body === name);
  await using stack = await startStack({
    objects: {
      'gateway.yaml': gatewayYaml,
      'route.yaml': routeYaml('shop', { old: 1 }),
      'old.yaml': serviceYaml('old', [a.port]),
      'new.yaml': serviceYaml('new', [b.port]),
    },
    state: { stateDir },
  });
  await servedBy('a');
  await using traffic = startLoad({ port: stack.httpPort, rate: 100, halfPost: true });
  const first = (await release(stack))?.served;
  await stack.write('route.yaml', routeYaml('shop', { new: 1 }));
  await servedBy('b');

  await command(stack, 'rollback', 'previous');
  await servedBy('a');
  assert.deepEqual([(await release(stack))?.served, (await release(stack))?.pin?.why], [first, `rolled back to ${first}`]);
  await stack.write('old.yaml', serviceYaml('old', [c.port]));
  await servedBy('c');
  await stack.write('route.yaml', [routeYaml('shop', { new: 1 }), routeYaml('more', { new: 1 }, '/more')].join('\n---'));
  await waitFor('what is newer is held', async () => (await release(stack))?.held?.reason === 'pin');
  assert.equal((await stack.http('/more')).body, 'c');

  await stack.stopServer();
  await stack.startServer();
  await waitFor('Envoy is back', () => stack.server().ads.nodes()[0]?.revisionAcked === first);
  await sleep(500);
  assert.deepEqual([(await stack.http('/more')).body, (await release(stack))?.held?.reason], ['c', 'pin']);
  await stack.write('old.yaml', serviceYaml('old', [a.port]));
  await servedBy('a');

  await command(stack, 'unpin');
  await servedBy('b');
  assert.equal((await release(stack))?.pin, undefined);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

test('while a group is pinned its configuration stays and its endpoints move', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using stack = await startStack({
    objects: { 'base.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 })].join('\n---'), 'shop.yaml': serviceYaml('shop', [a.port]) },
  });
  await waitFor('a answers', async () => (await stack.http('/')).body === 'a');
  await command(stack, 'pin', '--why', 'a sale');
  await stack.write('base.yaml', [gatewayYaml, routeYaml('shop', { shop: 1 }, '/elsewhere')].join('\n---'));
  await waitFor('what is newer is held', async () => (await release(stack))?.held?.why === 'a sale');
  await stack.write('shop.yaml', serviceYaml('shop', [b.port]));
  await waitFor('b answers', async () => (await stack.http('/')).body === 'b');
  await command(stack, 'unpin');
  await waitFor('the newest is served', async () => (await stack.http('/')).status === 404);
});
