import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackOff } from './back-off.ts';

test('waits double with each failure up to a limit, and begin anew', () => {
  const backOff = createBackOff(() => 1);
  assert.deepEqual(
    Array.from({ length: 7 }, () => backOff.next()),
    [250, 500, 1000, 2000, 4000, 8000, 8000],
  );
  backOff.reset();
  assert.equal(backOff.next(), 250);
  assert.equal(createBackOff(() => 0).next(), 125);
});
