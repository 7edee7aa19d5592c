import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agedAfterMs, type Curve, sharePercent, stepMsOf } from './weight.ts';

const curve = (more: Partial<Curve> = {}): Curve => ({ windowMs: 10_000, aggression: 1, minWeightPercent: 10, ...more });
/** The share at every whole tenth of the window, from 0 to 10. */
const shares = (of: Curve): readonly number[] => Array.from({ length: 11 }, (_, step) => sharePercent((step * of.windowMs) / 10, of));

test('the share grows evenly, in ten steps', () => {
  assert.deepEqual(shares(curve()), [10, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  assert.equal(sharePercent(2999, curve()), 20);
  assert.equal(sharePercent(-1, curve()), 10);
  assert.equal(sharePercent(1e12, curve()), 100);
});

test('aggression and the least weight are those of Envoy', () => {
  assert.deepEqual(shares(curve({ aggression: 2 })), [10, 31, 44, 54, 63, 70, 77, 83, 89, 94, 100]);
  assert.deepEqual(shares(curve({ aggression: 0.5 })), [10, 10, 10, 10, 16, 25, 36, 48, 64, 81, 100]);
  assert.deepEqual(shares(curve({ minWeightPercent: 50 })), [50, 50, 50, 50, 50, 50, 60, 70, 80, 90, 100]);
  assert.equal(sharePercent(0, curve({ minWeightPercent: 1 })), 1);
  assert.deepEqual(new Set(shares(curve({ minWeightPercent: 100 }))), new Set([100]));
});

test('steps are whole milliseconds, and not too short', () => {
  for (const [windowMs, stepMs, aged] of [
    [30_000, 3000, 30_000],
    [1001, 101, 1010],
    [300, 100, 300],
    [50, 50, 50],
    [1, 1, 1],
  ] as const) {
    assert.deepEqual([stepMsOf({ windowMs }), agedAfterMs({ windowMs })], [stepMs, aged], `${windowMs}`);
    assert.ok(sharePercent(aged - 1, curve({ windowMs })) < 100 && sharePercent(aged, curve({ windowMs })) === 100);
  }
});

test('the share never falls', () => {
  for (const aggression of [0.1, 0.7, 1, 3, 10]) {
    let last = 0;
    for (let age = 0; age <= 10_000; age += 50) {
      const share = sharePercent(age, curve({ aggression, minWeightPercent: 7 }));
      assert.ok(share >= last && Number.isInteger(share), `${aggression} ${age}`);
      last = share;
    }
  }
});
