import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Measurement } from '../../bench/release/measurement.ts';
import { install } from './parts.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../bench/release/main.ts');
const root = mkdtempSync(join(tmpdir(), 'sluice-release-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

// Times depend on the machine, and so does what the others lose: what is asked for here holds on any.
test('a release and an edit under Sluice lose nothing, and nobody runs a POST twice', async () => {
  await install({ nginx: 'nginx-light', javac: 'default-jdk-headless' });
  const [json, plot] = [join(root, 'result.json'), join(root, 'result.svg')];
  const scratch = mkdtempSync(join(root, 'tmp-'));
  const faults = ['announced-graceful', 'late-kill', 'grpc-announced-graceful', 'route-edited'];
  const words = ['--quick', '--at-once', '--pairs', '0', '--faults', faults.join(','), '--json', json, '--plot', plot];
  const { stdout } = await run(process.execPath, [program, ...words], { env: { ...process.env, TMPDIR: scratch }, maxBuffer: 16 * 1024 * 1024 });
  const { outcomes } = JSON.parse(readFileSync(json, 'utf8')) as Measurement;
  assert.deepEqual(
    outcomes.map(({ fault, subject }) => `${fault} ${subject}`),
    faults.flatMap((fault) => ['sluice', 'nginx', 'plain'].map((subject) => `${fault} ${subject}`)),
  );
  for (const outcome of outcomes) {
    const { fault, subject, sent, duplicated, times } = outcome;
    assert.ok(sent >= 400, `${fault} ${subject}: ${sent} sent`);
    assert.ok(times >= 3, `${fault} ${subject}`);
    assert.equal(duplicated, 0, `${fault} ${subject}`);
  }
  for (const { fault, failed, closed, failures } of outcomes.filter(({ subject }) => subject === 'sluice')) {
    if (fault === 'late-kill') continue;
    assert.equal(failed.get + failed.post, 0, `${fault}: ${JSON.stringify(failures)}\n${stdout}`);
    if (fault === 'route-edited') assert.equal(closed, 0, fault);
  }
  assert.match(stdout, /FAULT +TIMES +SUBJECT +SENT/);
  assert.match(readFileSync(plot, 'utf8'), /^<svg .*processors \(.*Envoy \d.*<\/svg>\n$/s);
  assert.deepEqual(readdirSync(scratch), []);
});
