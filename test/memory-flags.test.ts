import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const bin = join(import.meta.dirname, '..', 'bin', 'sluice.js');
/** Runs before the program: tells how Node was started, and ends it when it was started with flags. */
const probe = `
  const { MALLOC_ARENA_MAX: areas = null, MALLOC_MMAP_THRESHOLD_: apart = null } = process.env;
  console.log(JSON.stringify([process.pid, process.execArgv, areas, apart]));
  if (process.execArgv.length > 0) process.exit();`;

function startsOf(words: readonly string[], env: Readonly<Record<string, string>> = {}): readonly unknown[] {
  const { MALLOC_ARENA_MAX: _areas, MALLOC_MMAP_THRESHOLD_: _apart, ...inherited } = process.env;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(probe)}`;
  const { stdout } = spawnSync(process.execPath, [bin, ...words], { env: { ...inherited, NODE_OPTIONS, ...env }, encoding: 'utf8', timeout: 120_000 });
  return stdout.split('\n').flatMap((line) => (line.startsWith('[') ? [JSON.parse(line) as unknown] : []));
}

const flagsWith = (growth: number): readonly string[] => [
  '--max-semi-space-size=16',
  `--heap-growing-percent=${growth}`,
  '--external-memory-accounted-in-global-limit',
];

test('a server starts with flags for memory, as the process that was started', () => {
  const [first, ...others] = startsOf(['serve', '--help']);
  assert.ok(Array.isArray(first));
  assert.deepEqual(first.slice(1), [[], null, null]);
  assert.deepEqual(others, [[first[0], flagsWith(12), '1', '65536']]);
});

test('a server that reads a cluster looks through its heap half as often', () => {
  const starts = startsOf(['serve', '--kubernetes', '--help']);
  assert.deepEqual(
    starts.map((start) => Array.isArray(start) && start[1]),
    [[], flagsWith(25)],
  );
});

test('what the environment says of memory stays', () => {
  assert.deepEqual(
    startsOf(['serve', '--help'], { MALLOC_ARENA_MAX: '4', MALLOC_MMAP_THRESHOLD_: '131072' }).map((start) => Array.isArray(start) && start.slice(2)),
    [
      ['4', '131072'],
      ['4', '131072'],
    ],
  );
});

test('a server goes before the threads in which V8 looks for garbage', {
  skip: process.platform !== 'linux' && 'only Linux has priorities of threads',
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-threads-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const server = spawn(process.execPath, [bin, 'serve', '-c', folder, '--xds-address', '127.0.0.1:0', '--admin-address', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  // Killed, it could not put its own folder away.
  t.after(async () => {
    server.kill('SIGTERM');
    setTimeout(() => server.kill('SIGKILL'), 10_000).unref();
    await ended;
  });
  for await (const line of createInterface(server.stdout)) if (line.includes('"serving"')) break;
  const { pid = 0 } = server;
  const threads = readdirSync(`/proc/${pid}/task`).map((id) => ({
    name: readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8'),
    niceness: getPriority(Number(id)),
  }));
  const collectors = threads.filter(({ name }) => name.includes('V8Worker'));
  assert.ok(collectors.length > 0, JSON.stringify(threads));
  assert.deepEqual(new Set(collectors.map(({ niceness }) => niceness - getPriority(pid))), new Set([10]));
});

test('other commands start once', () => {
  assert.equal(startsOf(['lint', '--help']).length, 1);
});
