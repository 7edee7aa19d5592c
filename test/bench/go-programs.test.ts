import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findGo } from '../../bench/go.ts';

const run = promisify(execFile);

test('the Go programs of the benches are sound', async () => {
  const go = await findGo((line) => console.error(line));
  const cwd = join(import.meta.dirname, '../../bench');
  await run(go, ['vet', './...'], { cwd });
  await run(go, ['test', './...'], { cwd });
  const { stdout } = await run(go.replace(/go$/, 'gofmt'), ['-l', '.'], { cwd });
  assert.equal(stdout, '', 'not formatted');
});
