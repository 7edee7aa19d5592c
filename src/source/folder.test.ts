import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readFolder } from './folder.ts';

const namespace = (name: string): string => `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-folder-'));
  mkdirSync(join(root, 'sub'));
  writeFileSync(join(root, 'b.yaml'), namespace('b1') + namespace('b2'));
  writeFileSync(join(root, 'sub', 'c.json'), JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'c' } }));
  writeFileSync(join(root, 'a.yml'), `${namespace('a')}---\nx: [\n`);
  writeFileSync(join(root, '.hidden.yaml'), namespace('hidden'));
});
after(() => rmSync(root, { recursive: true, force: true }));

const read = (...paths: readonly string[]) => {
  const { objects, diagnostics } = readFolder(paths);
  return { names: objects.map(({ name }) => name), problems: diagnostics.map(({ code, at }) => `${code} ${at.file}:${at.line}`) };
};

test('everything below a folder is read, in the order of its age', () => {
  const { objects } = readFolder([root]);
  assert.deepEqual(read(root), { names: ['a', 'b1', 'b2', 'c'], problems: [`UnreadableYaml ${join(root, 'a.yml')}:6`] });
  assert.deepEqual(
    [...objects].sort((a, b) => (a.age < b.age ? -1 : 1)),
    objects,
  );
});

test('several paths, of files too, are read in their order', () => {
  assert.deepEqual(read(join(root, 'sub'), join(root, 'b.yaml'), join(root, '.hidden.yaml')), { names: ['c', 'b1', 'b2', 'hidden'], problems: [] });
});

test('a folder that is given twice, or within another, is read once', () => {
  assert.deepEqual(read(root, join(root, 'sub'), `${root}/./`).names, ['a', 'b1', 'b2', 'c']);
});

test('a path that leads to nothing is told', () => {
  assert.deepEqual(read(join(root, 'nothing')), { names: [], problems: [`SourceUnavailable ${join(root, 'nothing')}:undefined`] });
});
