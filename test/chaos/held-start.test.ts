import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { http } from '../e2e/client.ts';
import { startLoad } from '../e2e/load.ts';
import { sluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';
import { converged } from './convergence.ts';
import { startScene } from './scene.ts';
import { seeded } from './seed.ts';
import { pathsOf } from './unit.ts';
import { unitCount } from './world.ts';

const goneUnits = 20;

test('a start that would take away too much is told, serves what was stored, and goes on when it is confirmed', async () => {
  await using scene = await startScene({ protocols: ['delta', 'sotw'], random: seeded('held start') });
  const { world, server, disk, adminPort, httpPort } = scene;
  await converged(scene);
  const before = (await server.status()).groups[0]?.revision ?? '';
  await waitFor('the state is stored', async () => (await readFile(join(disk.path, 'groups', 'default', 'release'), 'utf8')).includes(before));

  await server.kill();
  const gone = await world.remove(goneUnits);
  const load = startLoad({ port: httpPort, rate: 100, path: pathsOf(gone[0] ?? '')[0] ?? '' });
  await server.start();
  const held = await waitFor('it is held', async () => (await server.status()).releases[0]?.held);
  const counts = `${goneUnits * 2} of ${unitCount * 2}`;
  assert.equal(held.why, `a bulk change takes away ${counts} routes, ${counts} clusters`);
  const told = await sluice(['status', '--server', `127.0.0.1:${adminPort}`]);
  assert.match(told.stdout, new RegExp(`held.*${held.why}`, 's'));
  await converged(scene);
  assert.equal((await server.status()).groups[0]?.revision, before);
  for (const path of world.paths) assert.equal((await http(httpPort, path)).status, 200, path);
  const { failed, failures } = await load.stop();
  assert.equal(failed, 0, failures.join('\n'));

  const confirmed = await sluice(['confirm', 'default', '--server', `127.0.0.1:${adminPort}`]);
  assert.equal(confirmed.status, 0, confirmed.stderr);
  await converged(scene);
  const gonePaths = gone.flatMap(pathsOf);
  for (const path of world.paths) assert.equal((await http(httpPort, path)).status, gonePaths.includes(path) ? 404 : 200, path);
});
