import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseProcfile, procfileName } from '../src/launch/procfile.ts';
import { tlsSecretYaml } from './e2e/certificate.ts';
import { sluice } from './e2e/sluice.ts';

const root = join(import.meta.dirname, '../examples');
const examples = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

describe('examples', () => {
  for (const name of examples) {
    test(name, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-example-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      cpSync(join(root, name), folder, { recursive: true });
      // What the quickstart makes at start and never commits.
      if (name === 'quickstart') writeFileSync(join(folder, 'certificate.yaml'), await tlsSecretYaml('shop-certificate', ['localhost', 'shop.example']));

      const linted = await sluice(['lint', '--strict', folder]);
      assert.deepEqual([linted.status, linted.stdout.trim()], [0, 'no problems'], linted.stderr);
      const translated = await sluice(['translate', folder, '-o', 'json']);
      assert.equal(translated.status, 0, translated.stderr);
      assert.ok((JSON.parse(translated.stdout) as readonly unknown[]).length > 0, 'it gives at least one group of Envoys');
      for (const yaml of globSync('*.yaml', { cwd: join(root, name) })) {
        assert.match(readFileSync(join(root, name, yaml), 'utf8'), /^# \S/, `${yaml} begins with what it shows`);
      }
    });
  }

  test('each is in the list, and no two use the same port', () => {
    const list = readFileSync(join(root, 'README.md'), 'utf8');
    const owners = new Map<string, string>();
    for (const name of examples) {
      assert.ok(list.includes(`](${name}`), `${name} is missing in examples/README.md`);
      if (!readdirSync(join(root, name)).includes(procfileName)) continue;
      const { entries, mistakes } = parseProcfile(readFileSync(join(root, name, procfileName), 'utf8'));
      assert.deepEqual(mistakes, []);
      for (const [port] of entries
        .map(({ command }) => command)
        .join('\n')
        .matchAll(/\b19\d{3}\b/g)) {
        assert.equal(owners.get(port) ?? name, name, `port ${port}`);
        owners.set(port, name);
      }
    }
  });
});
