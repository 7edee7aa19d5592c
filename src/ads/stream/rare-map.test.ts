import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RareMap } from './rare-map.ts';

test('it is a map, also when it was emptied and filled again', () => {
  const map = new RareMap<number | undefined>();
  const expect = (entries: readonly (readonly [string, number | undefined])[]): void => {
    assert.deepEqual([...map], entries);
    assert.deepEqual([[...map.keys()], [...map.values()]], [entries.map(([name]) => name), entries.map(([, value]) => value)]);
    assert.equal(map.size, entries.length);
  };
  expect([]);
  assert.deepEqual([map.get('a'), map.has('a'), map.delete('a')], [undefined, false, false]);
  map.set('a', undefined);
  map.set('b', 2);
  expect([
    ['a', undefined],
    ['b', 2],
  ]);
  assert.deepEqual([map.has('a'), map.get('b')], [true, 2]);
  assert.equal(map.delete('a'), true);
  assert.equal(map.delete('b'), true);
  expect([]);
  map.set('c', 3);
  expect([['c', 3]]);
  map.clear();
  expect([]);
});
