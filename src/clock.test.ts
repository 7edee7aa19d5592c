import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../test/fake/clock.ts';
import { dateOf } from './clock.ts';

test('a moment has the same date whenever it is asked for, until the clock of the machine is set', () => {
  const clock = createFakeClock(1000);
  const at = clock.steady();
  assert.equal(dateOf(clock, at), 1000);
  // Date and steady time are rounded one after the other.
  clock.jump(1);
  assert.equal(dateOf(clock, at), 1000);
  clock.jump(3_600_000);
  assert.equal(dateOf(clock, at), 3_601_001);
});
