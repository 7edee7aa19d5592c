import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { families } from '../../src/nginx/family/index.ts';
import { settings } from '../../src/nginx/setting/index.ts';

const names = parse(readFileSync(join(import.meta.dirname, 'names.yaml'), 'utf8')) as {
  readonly annotations: readonly string[];
  readonly settings: readonly string[];
};
const declared = families.flatMap(({ annotations }) => Object.values(annotations)).flatMap(({ name, aliases = [] }) => [name, ...aliases]);

suite('what ingress-nginx has is declared', () => {
  for (const name of names.annotations) test(`the annotation ${name}`, () => assert.ok(declared.includes(name)));
  for (const name of names.settings) test(`the setting ${name}`, () => assert.ok(Object.hasOwn(settings, name)));
});

test('no annotation is declared twice', () => {
  assert.deepEqual(
    declared.filter((name, index) => declared.indexOf(name) !== index),
    [],
  );
});
