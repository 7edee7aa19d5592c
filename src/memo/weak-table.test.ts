import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeakTable } from './weak-table.ts';

test('each object has cells of its own, one or several', () => {
  const table = new WeakTable<object, string, number>();
  const [one, other] = [{}, {}];
  assert.equal(table.get(one, 'a'), undefined);
  table.set(one, 'a', 1);
  table.set(other, 'a', 2);
  assert.deepEqual([table.get(one, 'a'), table.get(one, 'b'), table.get(other, 'a')], [1, undefined, 2]);
  table.set(one, 'b', 3);
  table.set(one, 'c', 4);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => table.get(one, key)),
    [1, 3, 4, undefined],
  );
  assert.equal(table.get(other, 'b'), undefined);
});

test('a cell is replaced where it is the only one, and where there are others', () => {
  const table = new WeakTable<object, number, string>();
  const row = {};
  table.set(row, 80, 'before');
  table.set(row, 80, 'after');
  assert.equal(table.get(row, 80), 'after');
  table.set(row, 443, 'another');
  table.set(row, 80, 'at last');
  assert.deepEqual([table.get(row, 80), table.get(row, 443)], ['at last', 'another']);
});

test('a cell is made once', () => {
  const table = new WeakTable<object, string, object>();
  const row = {};
  const made = table.getOrMake(row, 'a', () => ({}));
  assert.equal(
    table.getOrMake(row, 'a', () => assert.fail('it is known')),
    made,
  );
  assert.notEqual(
    table.getOrMake(row, 'b', () => ({})),
    made,
  );
});
