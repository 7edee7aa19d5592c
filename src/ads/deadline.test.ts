import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import { atMoment } from './deadline.ts';

const dayMs = 24 * 60 * 60 * 1000;

for (const days of [0, 1, 40, 400]) {
  test(`calls after ${days} days, once and not before`, () => {
    const clock = createFakeClock();
    let calls = 0;
    atMoment(clock, clock.now() + days * dayMs + 1, () => {
      calls += 1;
    });
    for (let day = 0; day < days; day++) clock.advance(dayMs);
    assert.equal(calls, 0);
    clock.advance(1);
    clock.advance(400 * dayMs);
    assert.equal(calls, 1);
  });
}

test('is ended, whichever of its timers runs', () => {
  const clock = createFakeClock();
  const cancel = atMoment(clock, clock.now() + 3 * dayMs, () => assert.fail('called'));
  clock.advance(dayMs);
  cancel();
  clock.advance(10 * dayMs);
});
