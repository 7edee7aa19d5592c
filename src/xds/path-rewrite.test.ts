import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RE2JS } from 're2js';
import type { PathMatch, PathRewrite } from '../ir/route.ts';
import { pathRewrite } from './path-rewrite.ts';

/** What Envoy makes of a path: the prefix exchanged, or every match of the regex replaced. */
function rewritten(path: string, match: PathMatch, rewrite: PathRewrite): string {
  const { prefix_rewrite, regex_rewrite } = pathRewrite(match, rewrite);
  if (prefix_rewrite !== undefined) return prefix_rewrite + path.slice(match.value.length);
  if (!regex_rewrite) return path;
  const substitution = (regex_rewrite.substitution ?? '').replaceAll('\\\\', '\\').replaceAll('$', '\\$');
  return RE2JS.compile(regex_rewrite.pattern?.regex ?? '')
    .matcher(path)
    .replaceAll(substitution);
}

// The table of Gateway API for ReplacePrefixMatch, and what it leaves open for the root.
const prefixes: readonly [path: string, prefix: string, value: string, result: string][] = [
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/foo/', '/foo', '', '/'],
  ['/foo', '/foo', '', '/'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
  ['/a.b/c', '/a.b', '/', '/c'],
];

for (const [path, prefix, value, result] of prefixes) {
  test(`prefix ${prefix} to '${value}' makes ${path} ${result}`, () => {
    assert.equal(rewritten(path, { type: 'pathPrefix', value: prefix }, { type: 'prefix', value }), result);
  });
}

test('the root as a prefix gets the new one before it', () => {
  const root: PathMatch = { type: 'prefix', value: '/' };
  assert.equal(rewritten('/a', root, { type: 'prefix', value: '/new' }), '/new/a');
  assert.equal(rewritten('/a', root, { type: 'prefix', value: '/' }), '/a');
});

test('a full replacement is literal text', () => {
  assert.equal(rewritten('/a/b', { type: 'pathPrefix', value: '/a' }, { type: 'full', value: '/x\\1y' }), '/x\\1y');
});
