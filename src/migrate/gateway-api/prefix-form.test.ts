import assert from 'node:assert/strict';
import { test } from 'node:test';
import { literalHead, type PrefixForm, prefixForm } from './prefix-form.ts';

const forms: readonly (readonly [path: string, target: string | undefined, form: PrefixForm | undefined])[] = [
  ['/shop(/|$)(.*)', '/$2', { prefix: '/shop', isBelow: false, isLoose: false, replacement: '/' }],
  ['/api/v1.0(/|$)(.*)', '/v2/$2', { prefix: '/api/v1.0', isBelow: false, isLoose: false, replacement: '/v2/' }],
  ['/shop/?(.*)', '/$1', { prefix: '/shop', isBelow: false, isLoose: true, replacement: '/' }],
  ['/shop/(.*)$', '/$1', { prefix: '/shop', isBelow: true, isLoose: false, replacement: '/' }],
  ['/(.*)', '/$1', { prefix: '', isBelow: false, isLoose: false, replacement: '/' }],
  ['/shop', undefined, { prefix: '/shop', isBelow: false, isLoose: true }],
  ['/shop/', '/new', { prefix: '/shop', isBelow: true, isLoose: false }],
  ['/', undefined, { prefix: '', isBelow: false, isLoose: true }],
  // Another group than that of the rest, none, or more than it.
  ['/shop(/|$)(.*)', '/$1', undefined],
  ['/shop(/|$)(.*)', '/$1/$2', undefined],
  ['/shop(/|$)(.*)', '$2', undefined],
  ['/shop(/|$)(.*)', '/new$2', undefined],
  ['/(/|$)(.*)', '/$2', undefined],
  ['/shop(.*)', '/$1', undefined],
  ['/(a|b)/(.*)', '/$2', undefined],
  ['/shop.x', undefined, undefined],
  ['/shop(/|$)(.*)', undefined, undefined],
];

for (const [path, target, form] of forms)
  test(`${path} with ${target} is ${form ? 'a prefix' : 'none'}`, () => assert.deepEqual(prefixForm(path, target), form));

test('what an expression begins with', () => {
  const heads = ['/a/b', '/ab?c', '/ab+', '/a(b|c)', '/a|/b', '/a[bc]', '/a\\.b', '/a.b'].map(literalHead);
  assert.deepEqual(heads, ['/a/b', '/a', '/ab', '/a', '', '/a', '/a', '/a']);
});
