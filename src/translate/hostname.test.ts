import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intersection, isNameFor, mostSpecific } from './hostname.ts';

const intersections: readonly [string, string, string | undefined][] = [
  ['*', 'a.example.com', 'a.example.com'],
  ['*', '*', '*'],
  ['a.example.com', '*', 'a.example.com'],
  ['a.example.com', '*.example.com', 'a.example.com'],
  ['*.example.com', 'b.a.example.com', 'b.a.example.com'],
  ['*.example.com', '*.a.example.com', '*.a.example.com'],
  ['*.example.com', 'example.com', undefined],
  ['*.example.com', 'badexample.com', undefined],
  ['*.example.com', '*.example.net', undefined],
  ['a.example.com', 'b.example.com', undefined],
];
for (const [one, other, expected] of intersections) {
  test(`hostname: ${one} and ${other} share ${expected ?? 'nothing'}`, () => {
    assert.equal(intersection(one, other), expected);
    assert.equal(intersection(other, one), expected);
  });
}

test('hostname: the most specific listener takes a host', () => {
  const listeners = ['*', '*.com', '*.example.com', 'a.example.com'];
  const choose = (host: string, among = listeners) => mostSpecific(host, among, (name) => name);
  assert.equal(choose('a.example.com'), 'a.example.com');
  assert.equal(choose('b.example.com'), '*.example.com');
  assert.equal(choose('*.b.example.com'), '*.example.com');
  assert.equal(choose('other.com'), '*.com');
  assert.equal(choose('other.net'), '*');
  assert.equal(choose('other.net', ['*.com']), undefined);
});

const names: readonly [string, string, boolean][] = [
  ['a.example.com', 'a.example.com', true],
  ['*.example.com', 'a.example.com', true],
  ['*.Example.com', 'a.example.com', true],
  ['*.example.com', '*.example.com', true],
  ['*.example.com', 'b.a.example.com', false],
  ['*.example.com', 'example.com', false],
  ['a.example.com', '*.example.com', false],
];
for (const [name, host, expected] of names) {
  test(`hostname: a certificate for ${name} ${expected ? 'is' : 'is not'} one for ${host}`, () => assert.equal(isNameFor(name, host), expected));
}
