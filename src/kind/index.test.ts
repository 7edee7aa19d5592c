import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from './index.ts';

test('every kind stands in the table under its own name, in alphabetical order', () => {
  for (const [name, { kind }] of Object.entries(kinds)) assert.equal(name, kind);
  const names = Object.keys(kinds);
  assert.deepEqual(
    names,
    [...names].sort((a, b) => a.localeCompare(b, 'en')),
  );
});

test('every file of the folder that defines a kind is in the table', () => {
  const defined = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'kind.ts')
    .flatMap((name) => [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/^\s+kind: '(\w+)',$/gm)].map(([, kind]) => kind));
  assert.deepEqual(defined.sort(), Object.keys(kinds).sort());
});

test('no two kinds have the same name in the same group', () => {
  const names = Object.values(kinds).map(({ group, kind }) => `${group}/${kind}`);
  assert.equal(new Set(names).size, names.length);
});
