import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../ir/backend.ts';
import { type Ages, aged, ageOf, grown, type Moment, nextStepAt, observed, withTraffic } from './ages.ts';

const curve = { windowMs: 10_000, aggression: 1, minWeightPercent: 10 };
const endpoint = (port: number, more: Partial<Endpoint> = {}): Endpoint => ({ address: '10.0.0.1', port, health: 'healthy', weight: 1, ...more });
const endpoints = (...ports: readonly number[]): readonly Endpoint[] => ports.map((port) => endpoint(port));
/** The date is a whole number of steps ahead of the steady clock. */
const at = (steady: number): Moment => ({ steady, date: steady + 1_000_000 });
const age = (ages: Ages, port: number, now: number): number | undefined => ageOf(ages, endpoint(port), now);

test('what is there at the first look is aged, what comes later is young from the next step of the grid on', () => {
  const first = aged(endpoints(1, 2));
  assert.deepEqual([age(first, 1, 0), nextStepAt(first, curve, 0)], [undefined, undefined]);
  const second = observed(first, endpoints(1, 2, 3), curve, at(400));
  assert.deepEqual([age(second, 1, 400), age(second, 3, 400), age(second, 3, 1500)], [undefined, -600, 500]);
  // Another look changes nothing, and one that comes within the same step begins with it.
  const third = observed(second, endpoints(1, 2, 3, 4), curve, at(900));
  assert.deepEqual([age(third, 3, 1500), age(third, 4, 1500)], [500, 500]);
});

test('two replicas that hear of an endpoint at nearly the same time count the same age', () => {
  const replica = (steadyOfDate: number) => (date: number) => observed(aged([]), endpoints(1), curve, { steady: date - steadyOfDate, date });
  const [a, b] = [replica(5_000_123)(7_000_310), replica(17)(7_000_350)];
  assert.equal(age(a, 1, 7_003_000 - 5_000_123), 2000);
  assert.equal(age(b, 1, 7_003_000 - 17), 2000);
});

test('an endpoint that goes and comes back begins anew, one that drains and is healthy again does not', () => {
  const young = observed(aged(endpoints(1)), endpoints(1, 2), curve, at(0));
  const draining = observed(young, [endpoint(1, { health: 'draining' }), endpoint(2, { health: 'draining' })], curve, at(3000));
  const healthy = observed(draining, endpoints(1, 2), curve, at(4000));
  assert.deepEqual([age(healthy, 1, 5000), age(healthy, 2, 5000)], [undefined, 5000]);
  const gone = observed(healthy, [], curve, at(5000));
  const back = observed(gone, endpoints(1, 2), curve, at(6000));
  assert.deepEqual([age(back, 1, 7000), age(back, 2, 7000)], [1000, 1000]);
});

test('what Kubernetes noted is believed, unless it lies in the future', () => {
  const seen = (lastChangeAt: number) => observed(aged([]), [endpoint(1, { lastChangeAt })], curve, at(5000));
  assert.equal(age(seen(1_002_000), 1, 5000), 3000);
  assert.equal(age(seen(1_009_000), 1, 5000), 0);
  assert.equal(age(seen(900_000), 1, 5000), undefined);
});

test('steps of all young endpoints fall together, and end with the last one', () => {
  let ages = aged(endpoints(1));
  for (let index = 0; index < 5; index++) ages = observed(ages, endpoints(1, ...Array.from({ length: index + 1 }, (_, n) => n + 2)), curve, at(index * 300));
  const steps: number[] = [];
  for (let now = 1200; ; ) {
    const next = nextStepAt(ages, curve, now);
    if (next === undefined) break;
    steps.push(next);
    now = next;
    ages = grown(ages, curve, now);
  }
  assert.deepEqual(steps, [2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 11_000, 12_000]);
  assert.equal(ages.young.size, 0);
});

test('ages stand still while no route sends requests', () => {
  const young = observed(aged(endpoints(1)), endpoints(1, 2), curve, at(0));
  const idle = withTraffic(young, false, curve, at(3000));
  assert.deepEqual([age(idle, 2, 9000), nextStepAt(idle, curve, 3000)], [3000, undefined]);
  const joined = observed(idle, endpoints(1, 2, 3), curve, at(4000));
  const busy = withTraffic(joined, true, curve, at(7000));
  assert.deepEqual([age(busy, 1, 8000), age(busy, 2, 8000), age(busy, 3, 8000)], [undefined, 4000, 1000]);
});

test('a pool that was idle for its window is cold as a whole', () => {
  const idle = withTraffic(aged(endpoints(1, 2)), false, curve, at(0));
  assert.equal(withTraffic(idle, false, curve, at(5000)), idle);
  const back = withTraffic(idle, true, curve, at(10_000));
  assert.deepEqual([back.idleSince, age(back, 1, 11_000), age(back, 2, 11_000)], [undefined, 1000, 1000]);
  const soon = withTraffic(idle, true, curve, at(9000));
  assert.equal(age(soon, 1, 9000), undefined);
});
