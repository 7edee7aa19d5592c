import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAwayEnvoys } from './away-envoys.ts';

const minuteMs = 60_000;

test('an Envoy is away from its last stream on, until it is back, for ten minutes at most', () => {
  const away = createAwayEnvoys();
  const a = { group: 'g', id: 'a' };
  const b = { group: 'g', id: 'b' };
  for (const envoy of [a, a, b, { group: 'other', id: 'a' }]) away.opened(envoy);
  away.closed(a, 1000);
  assert.deepEqual(away.of('g', 1000), [], 'it has another stream');
  away.closed(b, 2000);
  away.closed(a, 3000);
  assert.deepEqual(away.of('g', 3000), [
    { id: 'a', wentAt: 3000 },
    { id: 'b', wentAt: 2000 },
  ]);
  assert.deepEqual(away.of('other', 3000), []);
  away.opened(b);
  assert.deepEqual(
    away.of('g', 5 * minuteMs).map(({ id }) => id),
    ['a'],
  );
  assert.deepEqual(away.of('g', 3001 + 10 * minuteMs), []);
});

test('it does not remember without end', () => {
  const away = createAwayEnvoys();
  for (let index = 0; index < 10_100; index++) {
    const envoy = { group: 'g', id: String(index) };
    away.opened(envoy);
    away.closed(envoy, index);
  }
  assert.equal(away.of('g', 10_100).length, 10_000);
});
