import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSlot } from './slot.ts';

describe('a slot', () => {
  test('holds a value in each object, also one that is undefined, and none in others', () => {
    const slot = createSlot<object, string | undefined>();
    const [one, other, third] = [{}, [], new Uint8Array(1)];
    slot.set(one, 'a');
    slot.set(other, undefined);
    assert.deepEqual([slot.get(one), slot.get(other), slot.get(third)], ['a', undefined, undefined]);
    assert.deepEqual([slot.has(one), slot.has(other), slot.has(third)], [true, true, false]);
    slot.set(one, 'b');
    assert.equal(slot.get(one), 'b');
  });

  test('is apart from other slots of the same object', () => {
    const [first, second] = [createSlot<object, number>(), createSlot<object, number>()];
    const one = {};
    first.set(one, 1);
    assert.deepEqual([first.get(one), second.get(one), second.has(one)], [1, undefined, false]);
  });

  test('is seen by nobody who looks at the object, and does not go with a copy of it', () => {
    const slot = createSlot<object, number>();
    const one = Object.freeze({ name: 'one' });
    slot.set(one, 1);
    assert.deepEqual(Reflect.ownKeys(one), ['name']);
    assert.deepEqual(one, { name: 'one' });
    assert.equal(slot.has({ ...one }), false);
    assert.equal(slot.has(Object.create(one)), false);
  });
});
