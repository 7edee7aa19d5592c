import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoized, memoizedByBoth, memoizedWhileUsed } from './memoized.ts';

const [first, second] = [{ name: 'first' }, { name: 'second' }];

test('what is found of an object is found once, also where it is undefined', () => {
  const asked: object[] = [];
  const find = memoized((key: { readonly name: string }) => {
    asked.push(key);
    return key === first ? undefined : key.name;
  });
  assert.deepEqual([first, second, first, second].map(find), [undefined, 'second', undefined, 'second']);
  assert.deepEqual(asked, [first, second]);
});

test('what is found of two objects is found once for each pair', () => {
  const find = memoizedByBoth((a: object, b: object) => [a, b]);
  assert.equal(find(first, second), find(first, second));
  assert.deepEqual(find(second, first), [second, first]);
});

test('what is in use is not made again', () => {
  const find = memoizedWhileUsed((key: object) => [key]);
  const found = find(first);
  assert.equal(find(first), found);
  assert.notEqual(find(second), found);
});
