import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEndpointLags } from './endpoint-lag.ts';

test('what counts of a change is its slowest Envoy; of many changes nearly the slowest', () => {
  const lags = createEndpointLags();
  for (let change = 1; change <= 100; change++) {
    lags.acked('default', change * 1000, 5);
    lags.acked('default', change * 1000, change);
    lags.acked('default', change * 1000, 1);
  }
  assert.deepEqual(lags.of(['default', 'quiet'], []), [
    { group: 'default', changes: 100, p50Ms: 50, p99Ms: 99, maxMs: 100, behind: 0, waitSeconds: 1, preStopSeconds: 5 },
  ]);
});

test('an Envoy that lacks a change counts with the time that it waits', () => {
  const lags = createEndpointLags();
  lags.acked('default', 1000, 5);
  const [lag] = lags.of(['default'], [{ group: 'default', endpointsBehindMs: 2800 }, { group: 'default' }, { group: 'other', endpointsBehindMs: 9000 }]);
  assert.deepEqual([lag?.changes, lag?.maxMs, lag?.behind, lag?.waitSeconds, lag?.preStopSeconds], [2, 2800, 1, 4, 8]);
});

test('the newest 256 changes are kept, and nothing of a group that is gone', () => {
  const lags = createEndpointLags();
  lags.acked('default', 1, 60_000);
  for (let change = 2; change <= 257; change++) lags.acked('default', change, 10);
  assert.deepEqual([lags.of(['default'], [])[0]?.changes, lags.of(['default'], [])[0]?.maxMs], [256, 10]);
  assert.deepEqual(lags.of([], []), []);
  assert.deepEqual(lags.of(['default'], []), []);
});
