import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRepeated } from './repeated.ts';
import { field } from './wire.ts';

const listOf = (names: readonly string[]): Buffer => Buffer.concat(names.map((name) => field(3, Buffer.from(name))));
/** Half a mebibyte, different for each number. */
const largeOf = (number: number): Buffer => listOf(Array.from({ length: 512 }, (_, index) => `${number}-${index}`.padEnd(1021, 'x')));

test('lists that nobody told for the longest time are forgotten, so that unlike ones take bounded memory', () => {
  const repeated = createRepeated(17);
  const [first, used] = [repeated.names(largeOf(0)), repeated.names(largeOf(1))];
  for (let number = 2; number < 40; number++) {
    repeated.names(largeOf(number));
    assert.equal(repeated.names(largeOf(1)), used);
  }
  assert.notEqual(repeated.names(largeOf(0)), first);
  assert.deepEqual(repeated.names(largeOf(0)).content, first.content);
});

test('of many short lists a thousand are remembered', () => {
  const repeated = createRepeated(17);
  const first = repeated.names(listOf(['0']));
  for (let number = 1; number < 1000; number++) repeated.names(listOf([String(number)]));
  assert.equal(repeated.names(listOf(['0'])), first);
  for (let number = 1000; number < 3000; number++) repeated.names(listOf([String(number)]));
  assert.notEqual(repeated.names(listOf(['0'])), first);
});

test('lists of one length that come in turns are known again, and not those of that length that were forgotten', () => {
  const repeated = createRepeated(17);
  const lists = Array.from({ length: 6 }, (_, number) => listOf([`a-${number}`, `b-${number}`]));
  const first = lists.map((list) => repeated.names(list));
  for (let round = 0; round < 3; round++) for (const [number, list] of lists.entries()) assert.equal(repeated.names(list), first[number]);
  const large = Array.from({ length: 40 }, (_, number) => largeOf(number + 10));
  const told = large.map((list) => repeated.names(list));
  assert.equal(repeated.names(large.at(-1) ?? listOf([])), told.at(-1));
  assert.notEqual(repeated.names(large[0] ?? listOf([])), told[0]);
});
