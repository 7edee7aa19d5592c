import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizedPath } from './normalize.ts';

const all = { normalize_path: { value: true }, merge_slashes: true, path_with_escaped_slashes_action: 'UNESCAPE_AND_FORWARD' } as const;

const paths: readonly [written: string, normalized: string | undefined][] = [
  ['/a/../b', '/b'],
  ['/a/./b/', '/a/b/'],
  ['/a/..', '/'],
  ['/../../a', '/a'],
  ['//a///b', '/a/b'],
  ['///', '//'],
  ['/%2F', '//'],
  ['/a%2F..%2fb', '/b'],
  ['/a%5cb', '/a/b'],
  ['/%61%2E%2e/b', '/a../b'],
  ['/a%20b%3F', '/a%20b%3F'],
  ['/a%00', undefined],
];

for (const [written, normalized] of paths) {
  test(`${written} is ${normalized}`, () => assert.equal(normalizedPath(written, all), normalized));
}

test('nothing is done unless the options say so', () => {
  assert.equal(normalizedPath('//a/../%2f', {}), '//a/../%2f');
  assert.equal(normalizedPath('//a/../%2fb', { normalize_path: { value: true } }), '//%2fb');
});
