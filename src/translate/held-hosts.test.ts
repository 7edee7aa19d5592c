import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHeldHosts } from './held-hosts.ts';

test('a host name is held by who took one that has requests in common with it', () => {
  const held = createHeldHosts<string>();
  held.take(['a.example.com', '*.shop.example.com'], 'first');
  const asked = [
    'a.example.com',
    'b.example.com',
    'x.shop.example.com',
    'x.y.shop.example.com',
    'shop.example.com',
    '*.x.shop.example.com',
    '*.example.com',
    '*',
  ];
  assert.deepEqual(
    asked.map((host) => held.holderOf([host])),
    ['first', undefined, 'first', 'first', undefined, 'first', 'first', 'first'],
  );
});

test('of several holders the first one counts, whichever name it took', () => {
  const held = createHeldHosts<string>();
  held.take(['*'], 'first');
  held.take(['*.example.com', 'a.example.com', 'b.example.com'], 'second');
  assert.equal(held.holderOf(['b.example.com']), 'first');
  const other = createHeldHosts<string>();
  other.take(['b.example.com'], 'first');
  other.take(['a.example.com', 'b.example.com'], 'second');
  assert.deepEqual(
    [other.holderOf(['a.example.com', 'b.example.com']), other.holderOf(['a.example.com']), other.holderOf(['*.com'])],
    ['first', 'second', 'first'],
  );
});

test('nobody holds anything at first, and no names are no conflict', () => {
  const held = createHeldHosts<string>();
  assert.equal(held.holderOf(['*']), undefined);
  held.take(['*'], 'first');
  assert.equal(held.holderOf([]), undefined);
});
