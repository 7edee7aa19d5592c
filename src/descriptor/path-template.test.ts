import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathTemplate } from './path-template.ts';

const templates: readonly (readonly [string, { readonly regex: string; readonly variables: readonly string[] } | undefined])[] = [
  ['/v1/items', { regex: '/v1/items', variables: [] }],
  ['/v1/items:create', { regex: '/v1/items:create', variables: [] }],
  ['/v1/a.b', { regex: '/v1/a\\.b', variables: [] }],
  ['/v1/{name}', { regex: '/v1/[^/]+', variables: ['name'] }],
  ['/v1/*', { regex: '/v1/[^/]+', variables: [] }],
  ['/v1/{name=shelves/*/books/*}:read', { regex: '/v1/shelves/[^/]+/books/[^/]+:read', variables: ['name'] }],
  ['/v1/{shelf.id}/books/{rest=**}', { regex: '/v1/[^/]+/books(?:/.*)?', variables: ['shelf.id', 'rest'] }],
  ['v1/items', undefined],
  ['/', undefined],
  ['/v1/', undefined],
  ['/v1//items', undefined],
  ['/v1/{name', undefined],
  ['/v1/{a}{b}', undefined],
  ['/v1/{a}/{a}', undefined],
  ['/v1/**/items', undefined],
  ['/v1/it ems', undefined],
];

for (const [text, expected] of templates) {
  test(`the template ${text}`, () => {
    const read = pathTemplate(text);
    assert.deepEqual(read && { regex: read.regex, variables: read.variables }, expected);
  });
}

test('a path in which nothing varies is known as such', () => {
  assert.equal(pathTemplate('/v1/items:create')?.exact, '/v1/items:create');
  assert.equal(pathTemplate('/v1/*')?.exact, undefined);
});
