import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
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

/** Keys that are read by no name of their own, or whose doc says why nothing reads them. */
const readOtherwise: ReadonlySet<string> = new Set([
  'allow-snippet-annotations',
  'block-referers',
  'block-user-agents',
  'denylist-source-range',
  'enable-ocsp',
  'forwarded-for-proxy-protocol-header',
  'forwarded-host-header',
  'geoip2-autoreload-in-minutes',
  'proxy-ssl-location-only',
  'whitelist-source-range',
]);

test('a setting that counts is read', () => {
  const sources = globSync('src/{nginx,translate,xds}/**/*.ts', {
    cwd: join(import.meta.dirname, '../..'),
    exclude: (name) => name === 'setting' || name === 'gen',
  })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8'))
    .join('\n');
  const isRead = (key: string): boolean => readOtherwise.has(key) || sources.includes(declared.includes(key) ? `value('${key}'` : `'${key}'`);
  const counting = Object.entries(settings).filter(([, { verdict }]) => verdict !== 'noop' && verdict !== 'report');
  assert.deepEqual(
    counting.map(([key]) => key).filter((key) => !isRead(key)),
    [],
  );
});
