import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directivesIn } from './directives.ts';

const cases: readonly (readonly [code: string, names: readonly string[]])[] = [
  ['more_set_headers "X-A: 1"; proxy_set_header X-B "a; b";', ['more_set_headers', 'proxy_set_header']],
  ['if ($http_user_agent ~* bot) { return 403; }', ['if', 'return']],
  ['# a comment; with a semicolon\nlocation /x { return 200; }', ['location', 'return']],
  ['return 200', ['return']],
  [' ; } {', []],
];

for (const [code, names] of cases) {
  test(`directives of ${code}`, () =>
    assert.deepEqual(
      directivesIn(code).map(({ name }) => name),
      names,
    ));
}

test('words keep what is between quotes', () => {
  assert.deepEqual(directivesIn('more_set_headers "X-A: 1 2";'), [{ name: 'more_set_headers', words: ['X-A: 1 2'] }]);
});
