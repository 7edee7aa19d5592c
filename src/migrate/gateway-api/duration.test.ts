import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs } from '../../kind/gateway/duration.ts';
import { writtenDuration } from './duration.ts';

test('durations say the same seconds, in numbers of at most five digits', () => {
  assert.deepEqual([0, 0.5, 60, 90.25, 259_200, 604_801].map(writtenDuration), ['0s', '500ms', '1m', '1m30s250ms', '72h', '168h1s']);
  for (const seconds of [0, 0.5, 90.25, 604_801]) assert.equal(durationMs(writtenDuration(seconds)), seconds * 1000);
});
