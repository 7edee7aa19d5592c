import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Measurement } from '../../bench/warm-up/report.ts';
import { install } from './parts.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../bench/warm-up/main.ts');
const root = mkdtempSync(join(tmpdir(), 'sluice-warm-up-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

// How slow a cold JVM is depends on the machine, and so does what is left for it by those who go around it.
test('a cold JVM joins warm ones in each mode with each balancer, it is asked, and nothing fails', async () => {
  await install({ javac: 'default-jdk-headless' });
  const [json, plot] = [join(root, 'result.json'), join(root, 'result.svg')];
  const { stdout } = await run(process.execPath, [program, '--quick', '--json', json, '--plot', plot], { env: { ...process.env, TMPDIR: root } });
  const { trials } = JSON.parse(readFileSync(json, 'utf8')) as Measurement;
  assert.deepEqual(
    trials.map(({ balancer, mode }) => `${balancer} ${mode}`),
    ['LeastRequest Off', 'LeastRequest Envoy', 'LeastRequest Sluice', 'RoundRobin Off', 'RoundRobin Envoy', 'RoundRobin Sluice'],
  );
  for (const { balancer, mode, failed, sent, shareEachSecond } of trials) {
    const name = `${balancer} ${mode}`;
    assert.equal(failed, 0, name);
    assert.ok(sent >= 120, `${name}: ${sent} sent`);
    assert.equal(shareEachSecond.length, 3);
    const total = shareEachSecond.reduce((sum, share) => sum + share, 0);
    assert.ok(total > 0, `${name}: the cold one was asked nothing`);
  }
  assert.match(stdout, /BALANCER +SLOW START +TRIALS +P99 BEFORE/);
  assert.match(readFileSync(plot, 'utf8'), /^<svg .*processors \(.*Envoy \d.*<\/svg>\n$/s);
});
