import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Measurement } from '../../bench/xds/measurement.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../bench/xds/main.ts');
const root = mkdtempSync(join(tmpdir(), 'sluice-bench-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Whatever the bench makes is below this, so that what it leaves can be seen. */
const scratch = mkdtempSync(join(root, 'tmp-'));
const env = { ...process.env, TMPDIR: scratch };

/** Processes that have the folder in their command line. */
function processesOf(folder: string): readonly string[] {
  const commands = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It ended between the two calls.
        return '';
      }
    });
  return commands.filter((command) => command.includes(folder));
}

// How fast anything is depends on the machine: what is asked for here is that all of it runs and that nothing is lost.
test('the bench measures both protocols and a real Envoy, and loses nothing', async () => {
  const [json, plot] = [join(root, 'result.json'), join(root, 'result.svg')];
  const { stdout } = await run(process.execPath, [program, '--quick', '--json', json, '--plot', plot], { env, maxBuffer: 16 * 1024 * 1024 });
  const { protocols, envoy } = JSON.parse(readFileSync(json, 'utf8')) as Measurement;
  for (const protocol of ['delta', 'sotw'] as const) {
    const { cold, changes, rate, deaf, reconnect, config } = protocols[protocol] ?? assert.fail(`${protocol} is missing`);
    for (const [name, { missed }] of Object.entries({ ...cold, ...changes, ...deaf, ...reconnect })) {
      assert.equal(missed, 0, `${protocol} ${name}`);
    }
    for (const [name, { missed }] of Object.entries(rate ?? assert.fail())) assert.equal(missed, 0, `${protocol} open loop ${name}`);
    // 20 nodes, 4 changes: each node is sent each change once, and of Sluice nothing else.
    assert.equal(changes.sluice.resources, 80, protocol);
    assert.equal(changes.peer.each.length, 2);
    assert.ok((config.history?.revisions ?? 0) > 0, protocol);
    assert.notEqual(config.history?.place, 'memory', protocol);
  }
  assert.equal(protocols.delta?.reconnect.unchanged.resourceBytes, 0);
  assert.equal(protocols.delta?.reconnect.changed.resources, 20);
  assert.equal(envoy?.sluice.timesMs.length, 4);
  assert.equal(envoy?.alone.timesMs.length, 4);
  assert.equal(envoy?.sluice.failed, 0);
  assert.match(stdout, /Delta\n.*SLUICE +CONTROL/);
  assert.match(readFileSync(plot, 'utf8'), /^<svg .*<\/svg>\n$/s);
  assert.deepEqual(readdirSync(scratch), []);
});

test('the bench leaves nothing when it is interrupted', async () => {
  const child = spawn(process.execPath, [program, '--quick', '--no-envoy'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let said = '';
  for await (const text of child.stderr.setEncoding('utf8')) {
    said += text;
    if (!child.killed && said.includes('connecting 20 nodes to go-control-plane')) {
      assert.notDeepEqual(processesOf(scratch), []);
      child.kill('SIGTERM');
    }
  }
  assert.notEqual(await ended, 0, said);
  assert.match(said, /ended by SIGTERM/);
  assert.deepEqual(readdirSync(scratch), []);
  assert.deepEqual(processesOf(scratch), []);
});
