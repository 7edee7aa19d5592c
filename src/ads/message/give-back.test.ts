import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveBack } from './give-back.ts';

const large = 64 * 1024;

test('memory of a large message is given back, with the head that stands before it', () => {
  for (const head of [0, 5]) {
    const memory = new ArrayBuffer(head + large);
    giveBack(Buffer.from(memory, head));
    assert.equal(memory.byteLength, 0);
  }
});

test('memory that may hold something else as well stays', () => {
  const [shared, small] = [new ArrayBuffer(2 * large), new ArrayBuffer(100)];
  giveBack(Buffer.from(shared, 0, large));
  giveBack(Buffer.from(small));
  assert.deepEqual([shared.byteLength, small.byteLength], [2 * large, 100]);
});
