import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitFor } from '../../test/e2e/wait.ts';
import { isAlive } from '../is-alive.ts';
import { createChildren } from './children.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-children-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const logFile = join(folder, 'log');

test('children: the output is in the log file and the end is told', async () => {
  const child = createChildren().start({ command: 'sh', args: ['-c', 'echo out; echo err >&2; exit 3'], logFile });
  assert.equal(await child.ended, 'exit status 3');
  assert.equal(child.isRunning(), false);
  assert.equal(readFileSync(logFile, 'utf8'), 'out\nerr\n');
});

test('children: a command that is not there is told, not thrown', async () => {
  const child = createChildren().start({ command: join(folder, 'nothing'), args: [], logFile });
  assert.match(await child.ended, /ENOENT/);
  await child.stop();
});

test('children: stop ends a child and what it started, also where SIGTERM is ignored', async () => {
  const children = createChildren();
  const polite = children.start({ command: 'sh', args: ['-c', '(trap "" TERM; sleep 600) & echo $!; wait'], logFile });
  const stubborn = children.start({ command: 'sh', args: ['-c', 'trap "" TERM; echo trapped; while :; do sleep 1; done'], logFile: join(folder, 'stubborn') });
  await waitFor('both run', () => [logFile, join(folder, 'stubborn')].every((file) => readFileSync(file, 'utf8') !== ''));
  await children.stop();
  assert.equal(await polite.ended, 'signal SIGTERM');
  assert.equal(await stubborn.ended, 'signal SIGKILL');
  assert.equal(isAlive(Number(readFileSync(logFile, 'utf8'))), false);
});

for (const [how, signal] of [
  ['ends by itself', undefined],
  ['is killed', 'SIGKILL'],
] as const) {
  test(`children: they end when their parent ${how}`, async () => {
    const script = `
      import { createChildren } from ${JSON.stringify(join(import.meta.dirname, 'children.ts'))};
      const children = createChildren();
      const started = ['a', 'b'].map((name) => children.start({ command: 'sleep', args: ['600'], logFile: ${JSON.stringify(folder)} + '/' + name }));
      console.log(started.map((child) => child.pid).join(' '));
      process.stdin.resume().on('end', () => process.exit(0));
    `;
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pids = output.toString().trim().split(' ').map(Number);
    assert.equal(pids.length, 2);
    assert.ok(pids.every(isAlive));
    if (signal === undefined) parent.stdin.end();
    else parent.kill(signal);
    for (const pid of pids) await waitFor(`the end of ${pid}`, () => !isAlive(pid));
  });
}
