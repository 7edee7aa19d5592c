import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { families } from '../src/nginx/family/index.ts';
import { settings } from '../src/nginx/setting/index.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every annotation and setting that ingress-nginx 1.15.1 knows. */
const names = JSON.parse(read('test/nginx/names.json')) as { readonly annotations: readonly string[]; readonly settings: readonly string[] };

test('every annotation of ingress-nginx has one declaration, and stands on the reference page', () => {
  assert.equal(names.annotations.length, 138);
  const annotations = families.flatMap((family) => Object.values(family.annotations));
  const declared = annotations.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  assert.equal(new Set(declared).size, declared.length, 'a name is declared twice');
  // Besides them there are those of other dialects.
  assert.deepEqual(
    names.annotations.filter((name) => !declared.includes(name)),
    [],
  );
  const page = read('docs/reference/ingress-annotations.md');
  for (const name of names.annotations) assert.ok(page.includes(`## ${name}\n`) || page.includes(`\`${name}\``), `${name} does not stand on the page`);
});

test('every setting of ingress-nginx has a declaration, and stands on the reference page', () => {
  assert.equal(names.settings.length, 209);
  assert.deepEqual(Object.keys(settings).toSorted(), names.settings.toSorted());
  const page = read('docs/reference/ingress-settings.md');
  for (const key of names.settings) assert.ok(page.includes(`| \`${key}\` |`), `${key} does not stand on the page`);
});
