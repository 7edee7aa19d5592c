import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Measurement } from '../../bench/forward/report.ts';
import { install } from './parts.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../bench/forward/main.ts');
const root = mkdtempSync(join(tmpdir(), 'sluice-forward-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

// What a second of a processor is worth depends on the machine: here it is asked whether all is forwarded, by all of them.
test('each proxy forwards HTTP/1.1, HTTP/2 and gRPC, and nothing fails', async () => {
  await install({ nginx: 'nginx-light' });
  const json = join(root, 'result.json');
  const { stdout } = await run(process.execPath, [program, '--quick', '--json', json], { env: { ...process.env, TMPDIR: root } });
  const { forwarded } = JSON.parse(readFileSync(json, 'utf8')) as Measurement;
  assert.equal(forwarded.length, 12);
  for (const { protocol, proxy, perCpuSecond, failed } of forwarded) {
    assert.equal(failed, 0, `${protocol} ${proxy}`);
    assert.ok((perCpuSecond[0] ?? 0) > 100, `${protocol} ${proxy}: ${perCpuSecond}`);
  }
  assert.match(stdout, /PROTOCOL +PROXY +REQUESTS/);
});
