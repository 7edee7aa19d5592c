import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
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

const numbers = Array.from({ length: 12 }, (_, index) => index);
const settings = { release: { fusePercent: 30, fuseHoldMs: 60_000 } };

/** A gateway with one route of its own, and a folder of twelve more. */
function objectsOf(port: number): Readonly<Record<string, string>> {
  const many = numbers.map((index) => [
    `many/${index}.yaml`,
    [routeYaml(`r${index}`, { [`s${index}`]: 1 }, `/r${index}`), serviceYaml(`s${index}`, [port])].join('\n---'),
  ]);
  const base = [gatewayYaml, routeYaml('home', { home: 1 }), serviceYaml('home', [port])].join('\n---');
  return { 'base.yaml': base, ...Object.fromEntries(many) };
}

/** As `rm -rf FOLDER/*`. */
async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
}

async function status(stack: Stack): Promise<StatusAnswer> {
  return (await (await fetch(`http://${stack.server().adminAddress}/api/v1/status`)).json()) as StatusAnswer;
}

async function heldStatus(stack: Stack) {
  return waitFor('it is held', async () => (await status(stack)).releases[0]?.held);
}

test('a folder that is emptied takes nothing away until that is confirmed', async () => {
  await using backend = await startHttpBackend('b');
  await using stack = await startStack({ objects: objectsOf(backend.port), settings });
  const { adminAddress } = stack.server();
  await waitFor('Envoy has all', async () => (await stack.http('/r11')).status === 200);
  const { revision } = (await status(stack)).groups[0] ?? {};
  await using traffic = startLoad({ port: stack.httpPort, path: '/r3', rate: 100 });
  await empty(join(stack.folder, 'many'));
  const held = await heldStatus(stack);
  await sleep(2000);
  assert.equal(held.reason, 'bulk');
  assert.match(held.why, /12 of 13 routes, 12 of 13 clusters/);
  assert.deepEqual([held.kept?.clusters.count, held.kept?.objects.some(({ object }) => object === 'Service default/s3')], [12, true]);
  assert.equal((await status(stack)).groups[0]?.revision, revision);
  assert.match(await (await fetch(`http://${adminAddress}/metrics`)).text(), /^sluice_fuse_trips_total\{group="default"\} 1$/m);
  const linted = await sluice(['lint', '--server', adminAddress]);
  assert.match(linted.stdout, /ChangeHeld/);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);

  const confirmed = await sluice(['confirm', '--server', adminAddress]);
  assert.deepEqual([confirmed.status, confirmed.stderr], [0, '']);
  await waitFor('it is gone', async () => (await stack.http('/r3', { headers: { accept: 'x' } })).body === 'b' && (await status(stack)).held.length === 0);
  await waitFor('its cluster is gone', async () => (await stack.stat('cluster.default/s3/80.membership_total')) === 0);
  assert.equal((await sluice(['confirm', '--server', adminAddress])).status, 1, 'nothing is held any more');
});

test('what is discarded stays back, and ends when the files are there again', async () => {
  await using backend = await startHttpBackend('b');
  const objects = objectsOf(backend.port);
  await using stack = await startStack({ objects, settings: { release: { fusePercent: 30, fuseHoldMs: 20_000 } } });
  await waitFor('Envoy has all', async () => (await stack.http('/r11')).status === 200);
  const { revision } = (await status(stack)).groups[0] ?? {};
  await using traffic = startLoad({ port: stack.httpPort, path: '/r11', rate: 100, classify: () => 'any' });
  await empty(join(stack.folder, 'many'));
  const { goesOutAt = 0 } = await heldStatus(stack);
  assert.equal((await sluice(['discard', 'default', '--server', stack.server().adminAddress])).status, 0);
  await waitFor('its time is over', () => Date.now() > goesOutAt + 1000);
  assert.equal((await status(stack)).groups[0]?.revision, revision);
  for (const [name, yaml] of Object.entries(objects)) await stack.write(name, yaml);
  await waitFor('nothing is held', async () => (await status(stack)).held.length === 0);
  assert.equal((await status(stack)).groups[0]?.revision, revision);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

test('what stays true for the time of the setting is believed', async () => {
  await using backend = await startHttpBackend('b');
  await using stack = await startStack({ objects: objectsOf(backend.port), settings: { release: { fusePercent: 30, fuseHoldMs: 5000 } } });
  await waitFor('Envoy has all', async () => (await stack.http('/r11')).status === 200);
  await empty(join(stack.folder, 'many'));
  await heldStatus(stack);
  await waitFor('it goes out', async () => (await status(stack)).held.length === 0);
  await waitFor('its cluster is gone', async () => (await stack.stat('cluster.default/s3/80.membership_total')) === 0);
});

test('slices of a Service that go at once leave its endpoints, slices that go one by one do not', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  const [service = '', first = '', second = ''] = serviceYaml('shop', [a.port, b.port]).split('\n---');
  const objects = { 'base.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), service].join('\n---'), 'slices/a.yaml': first, 'slices/b.yaml': second };
  await using stack = await startStack({ objects, settings });
  await waitFor('Envoy has all', async () => (await stack.http('/')).status === 200);
  await using traffic = startLoad({ port: stack.httpPort, rate: 100 });
  await empty(join(stack.folder, 'slices'));
  const held = await heldStatus(stack);
  await sleep(1000);
  assert.deepEqual(held.kept?.endpoints.names, ['default/shop/80']);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
  await stack.write('slices/a.yaml', first);
  await waitFor('what is there is followed again', async () => (await status(stack)).held.length === 0);
  await stack.remove('slices/a.yaml');
  await waitFor('the last one is gone', async () => (await stack.http('/')).status === 503);
});

test('single files are believed at once, however many routes they hold', async () => {
  await using backend = await startHttpBackend('b');
  const all = Object.entries(objectsOf(backend.port)).filter(([name]) => name !== 'base.yaml');
  const objects = { 'base.yaml': objectsOf(backend.port)['base.yaml'] ?? '', 'many.yaml': all.map(([, yaml]) => yaml).join('\n---') };
  await using stack = await startStack({ objects, settings });
  await waitFor('Envoy has all', async () => (await stack.http('/r11')).status === 200);
  await stack.remove('many.yaml');
  await waitFor('they are gone', async () => (await stack.stat('cluster.default/s3/80.membership_total')) === 0);
  assert.deepEqual((await status(stack)).held, []);
});
