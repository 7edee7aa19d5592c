import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { install } from '../bench/parts.ts';

const root = join(import.meta.dirname, '../..');

test('`kubectl sluice` is the same command', async () => {
  const { bin, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly bin: Readonly<Record<string, string>>;
    readonly version: string;
  };
  const folder = await mkdtemp(join(tmpdir(), 'sluice-plugin-'));
  try {
    // As npm links it.
    await symlink(join(root, bin['kubectl-sluice'] ?? ''), join(folder, 'kubectl-sluice'));
    await install({ kubectl: 'kubernetes-client' });
    const env = { ...process.env, PATH: [folder, process.env['PATH']].join(delimiter) };
    const kubectl = async (...words: readonly string[]): Promise<string> => (await promisify(execFile)('kubectl', words, { env })).stdout;
    assert.equal((await kubectl('sluice', '--version')).trim(), version);
    assert.match(await kubectl('sluice', 'status', '--help'), /--server <url>/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
