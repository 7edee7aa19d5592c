import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePaths } from './example-path.ts';

const cases: readonly (readonly [expression: string, paths: readonly string[]])[] = [
  ['/plain', ['/plain']],
  ['/api(/|$)(.*)', ['/api/x', '/api/', '/api']],
  ['/(a|b)/[0-9]+', ['/a/1', '/b/1']],
  [String.raw`/v\d{2}/.+\.js$`, ['/v11/x.js']],
  ['/[^/]+/x', ['/x/x']],
  ['/(?<name>a)(?:b)?', ['/ab', '/a']],
  ['/(?=b)c', []],
  ['/a)(', []],
  ['/(((', []],
  ['/[', []],
];

for (const [expression, paths] of cases) test(`paths that ${expression} fits`, () => assert.deepEqual(examplePaths(expression), paths));
