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
const pageOf = (name: string): string => readFileSync(join(import.meta.dirname, `../../docs/reference/${name}.md`), 'utf8');
const pages = { annotations: pageOf('ingress-annotations'), settings: pageOf('ingress-settings') };

suite('what ingress-nginx has is declared, and stands on its reference page', () => {
  for (const name of names.annotations) {
    test(`the annotation ${name}`, () => {
      assert.ok(declared.includes(name));
      assert.ok(pages.annotations.includes(`## ${name}\n`) || pages.annotations.includes(`\`${name}\``));
    });
  }
  for (const name of names.settings) {
    test(`the setting ${name}`, () => {
      assert.ok(Object.hasOwn(settings, name));
      assert.ok(pages.settings.includes(`| \`${name}\` |`));
    });
  }
});

test('the names are all there are', () => {
  assert.deepEqual([names.annotations.length, names.settings.length], [138, 209]);
  // Besides the annotations there are those of other dialects.
  assert.deepEqual(Object.keys(settings).toSorted(), names.settings.toSorted());
});

test('no annotation is declared twice', () => {
  assert.deepEqual(
    declared.filter((name, index) => declared.indexOf(name) !== index),
    [],
  );
});
