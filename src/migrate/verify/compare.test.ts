import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Comparison, type Difference, differencesOf, type Reply } from './compare.ts';

const answer = (headers: Readonly<Record<string, readonly string[]>> = {}, status = 200, hash = 'body 1'): Reply => ({ status, headers, hash });
const plain: Comparison = { ignored: new Set() };

const cases: readonly (readonly [string, Reply, Reply, readonly Difference[], Comparison?])[] = [
  ['the same', answer({ date: ['now'] }), answer({ date: ['later'], server: ['envoy'] }), []],
  ['no answer', { failure: 'ECONNRESET' }, answer(), [{ aspect: 'answer', from: 'no answer: ECONNRESET', to: '200' }]],
  ['another status, whatever else', answer({}, 200), answer({ 'x-a': ['1'] }, 503, 'body 2'), [{ aspect: 'status', from: '200', to: '503' }]],
  [
    'another place',
    answer({ location: ['http://a/'] }, 308),
    answer({ location: ['https://a/'] }, 308),
    [{ aspect: 'location', from: 'http://a/', to: 'https://a/' }],
  ],
  ['another backend, by its body', answer(), answer({}, 200, 'body 2'), [{ aspect: 'backend', from: 'body 1', to: 'body 2' }]],
  ['another error page', answer({ 'content-type': ['text/html'] }, 404), answer({}, 404, 'body 2'), []],
  [
    'another backend, by a header',
    answer({ 'x-by': ['a'] }, 404),
    answer({ 'x-by': ['b'] }, 404, 'body 2'),
    [{ aspect: 'backend', from: 'a', to: 'b' }],
    { ...plain, backendHeader: 'X-By' },
  ],
  [
    'attributes of a cookie, not its value',
    answer({ 'set-cookie': ['a=1; Path=/; HttpOnly', 'b=1; Expires=Thu, 26 Nov 2026 10:00:00 GMT'] }),
    answer({ 'set-cookie': ['a=2; path=/', 'b=2; Expires=Fri, 27 Nov 2026 10:00:00 GMT'] }),
    [{ aspect: 'cookie', name: 'a', from: 'httponly; path=/', to: 'path=/' }],
  ],
  ['a cookie that is missing', answer({ 'set-cookie': ['a=1'] }), answer(), [{ aspect: 'cookie', name: 'a', from: 'no attributes', to: 'none' }]],
  ['a header', answer({ vary: ['Origin'] }), answer(), [{ aspect: 'header', name: 'vary', from: 'Origin', to: 'none' }]],
  ['a header that does not matter', answer({ vary: ['Origin'] }), answer(), [], { ignored: new Set(['vary']) }],
];

for (const [name, from, to, expected, comparison = plain] of cases) {
  test(`compared: ${name}`, () => assert.deepEqual(differencesOf(from, to, comparison), expected));
}
