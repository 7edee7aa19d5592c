import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuthzProcess, createAuthzProcess } from './authz-process.ts';

const withinMs = 60_000;

function pidAt({ address }: AuthzProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    request({ socketPath: address.slice('unix:'.length), path: '/health', agent: false }, (answer) => {
      answer.resume();
      resolve(Number(answer.headers['x-pid']));
    })
      .on('error', () => resolve(undefined))
      .end();
  });
}

async function answering(authz: AuthzProcess, but?: number): Promise<number> {
  for (const began = performance.now(); performance.now() - began < withinMs; await sleep(50)) {
    const pid = await pidAt(authz);
    if (pid !== undefined && pid !== but) return pid;
  }
  throw new Error('the auth service does not answer');
}

test('with a folder it outlives us and is found again, and one that was killed is started anew', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'authz-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const troubles: string[] = [];
  const options = { folder, outlivesUs: true, onTrouble: (message: string) => void troubles.push(message) };
  const first = createAuthzProcess(options);
  first.start();
  const pid = await answering(first);
  await first.stop();
  const second = createAuthzProcess(options);
  assert.deepEqual(second.key, first.key);
  second.start();
  await sleep(300);
  assert.equal(await pidAt(second), pid);
  process.kill(pid, 'SIGKILL');
  const next = await answering(second, pid);
  await second.stop();
  process.kill(next, 'SIGTERM');
});

test('without one it ends with us, and leaves nothing', async () => {
  const authz = createAuthzProcess({ folder: undefined, outlivesUs: false, onTrouble: () => undefined });
  authz.start();
  await answering(authz);
  await authz.stop();
  assert.equal(existsSync(authz.address.slice('unix:'.length)), false);
});

test('a folder with a long path has its socket elsewhere, always at the same place', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'authz-'));
  const options = { folder: join(root, 'x'.repeat(100)), outlivesUs: false, onTrouble: () => undefined };
  const authz = createAuthzProcess(options);
  const socket = authz.address.slice('unix:'.length);
  t.after(() => {
    rmSync(root, { recursive: true, force: true });
  });
  assert.ok(!socket.startsWith(root) && Buffer.byteLength(socket) <= 95, socket);
  assert.equal(createAuthzProcess(options).address, authz.address);
  assert.equal(existsSync(dirname(socket)), false, 'nothing is made before it is needed');
  authz.start();
  await answering(authz);
  await authz.stop();
  assert.equal(existsSync(dirname(socket)), false);
});
