import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createListIndex, createListReader } from './list-index.ts';
import { field } from './wire.ts';

const bytesOf = (entries: readonly string[]): Buffer => Buffer.concat(entries.map((entry) => field(3, Buffer.from(entry))));
const listOf = (entries: readonly string[]) => createListReader(17)(bytesOf(entries));
const many = Array.from({ length: 1000 }, (_, index) => `default/service-${index}/80`);

describe('a list is the same as', () => {
  const index = createListIndex(listOf(many));
  const cases: readonly [what: string, entries: readonly string[], same: boolean][] = [
    ['itself', many, true],
    ['itself in another order', many.toReversed(), true],
    ['one with an entry less', many.slice(1), false],
    ['one with an entry more', [...many, 'x'], false],
    ['one with another entry', many.with(500, 'default/service-xxx/80'), false],
    ['one with an entry twice and another missing', many.with(500, many[501] ?? ''), false],
  ];
  for (const [what, entries, same] of cases) test(`${same ? '' : 'not '}${what}`, () => assert.equal(index?.isSame(listOf(entries)), same));
});

test('lists have equal keys where their entries are, in whatever order', () => {
  assert.equal(listOf(many).key, listOf(many.toReversed()).key);
  assert.notEqual(listOf(many).key, listOf(many.with(500, 'default/service-xxx/80')).key);
});

test('lists with equal keys and hashes are told apart by their bytes', () => {
  const [one, other] = [listOf(['a', 'b']), listOf(['c', 'd'])];
  assert.equal(createListIndex(one)?.isSame({ ...one, bytes: other.bytes }), false);
});

test('entries whose hashes are made up to be equal are not searched through', () => {
  const list = listOf(many);
  const equal = { ...list, hashes: list.hashes.map(() => 17) };
  assert.equal(createListIndex(equal), undefined);
  assert.equal(createListIndex(list)?.isSame({ ...listOf(many.toReversed()), hashes: list.hashes.map(() => list.hashes[0] ?? 0) }), false);
});

test('a list that is kept stays as it is while others are read into the same memory', () => {
  const read = createListReader(17);
  const index = createListIndex(read(bytesOf(many)));
  const larger = Array.from({ length: 5000 }, (_, number) => `other-${number}`);
  assert.equal(index?.isSame(read(bytesOf(larger))), false);
  assert.equal(index?.isSame(read(bytesOf(many.toReversed()))), true);
  assert.equal(createListIndex(read(bytesOf(larger)))?.isSame(read(bytesOf(larger.toReversed()))), true);
});
