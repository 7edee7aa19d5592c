import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAlive } from '../../src/is-alive.ts';
import { gatewayYaml } from './objects.ts';
import { freePort } from './port.ts';
import { waitFor } from './wait.ts';

const root = join(import.meta.dirname, '..', '..');

/** `npx sluice up` with an Envoy, as whoever has a clone starts it. */
async function startByNpx(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-npx-'));
  writeFileSync(join(folder, 'gateway.yaml'), gatewayYaml);
  const ports = [await freePort(), await freePort()].map(String);
  // A cache of its own, as npx keeps a link to the clone there; nothing is fetched.
  const env = { ...process.env, npm_config_cache: join(folder, 'npm'), npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  const words = ['up', '.', '--xds-address', '127.0.0.1:0', '--admin-address', '127.0.0.1:0', '--http-port', ports[0] ?? '', '--https-port', ports[1] ?? ''];
  const npx = spawn('npm', ['exec', '--yes', `--package=file:${root}`, '--', 'sluice', ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const output of [npx.stdout, npx.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const envoy = await waitFor(
    'an Envoy runs',
    () => {
      assert.equal(npx.exitCode, null, printed);
      return Number(/\(pid (\d+), admin/.exec(printed)?.[1] ?? 0) || undefined;
    },
    60_000,
  );
  const sluice = Number(readFileSync(join(folder, '.sluice', 'up.pid'), 'utf8'));
  t.after(() => {
    for (const pid of [envoy, sluice]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return { npx, envoy, sluice };
}

/** The one process that a process has started. */
function childOf(pid: number): number {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const children = all.map((line) => line.trim().split(/\s+/).map(Number)).filter(([, parent]) => parent === pid);
  assert.equal(children.length, 1);
  return children[0]?.[0] ?? 0;
}

for (const told of ['npx', 'the shell that npx starts'] as const) {
  test(`npx sluice up: SIGTERM to ${told} ends Sluice and its Envoys`, async (t) => {
    const { npx, envoy, sluice } = await startByNpx(t);
    const { pid = 0 } = npx;
    const ended = once(npx, 'exit');
    process.kill(told === 'npx' ? pid : childOf(pid), 'SIGTERM');
    await ended;
    await waitFor('both are gone', () => !isAlive(envoy) && !isAlive(sluice));
  });
}
