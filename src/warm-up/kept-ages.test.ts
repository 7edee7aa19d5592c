import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../ir/backend.ts';
import { type Ages, aged, ageOf, type Moment, observed, withTraffic } from './ages.ts';
import { agreedAges, joinedAges, keptAges } from './kept-ages.ts';

const curve = { windowMs: 10_000, aggression: 1, minWeightPercent: 10 };
const endpoint = (port: number): Endpoint => ({ address: '10.0.0.1', port, health: 'healthy', weight: 1 });
const endpoints = (...ports: readonly number[]): readonly Endpoint[] => ports.map(endpoint);
const date = 1_700_000_000_000;
/** Two replicas: their steady clocks have nothing in common. */
const here = (at: number): Moment => ({ steady: at, date: date + at });
const there = (at: number): Moment => ({ steady: at + 77_123, date: date + at });
const told = (ages: Ages, now: Moment) => keptAges([['a', ages]], now)['a'] ?? assert.fail('all are aged');
const age = (ages: Ages, port: number, { steady }: Moment): number | undefined => ageOf(ages, endpoint(port), steady);

test('what another replica saw come is as young as there, and so is what both saw at different times', () => {
  const theirs = observed(aged(endpoints(1)), endpoints(1, 2, 3), curve, there(400));
  const late = observed(aged(endpoints(1, 2)), endpoints(1, 2, 3, 4), curve, here(1400));
  const agreed = agreedAges(late, told(theirs, there(2000)), curve, here(2000));
  const now = here(4000);
  assert.deepEqual(
    [1, 2, 3, 4].map((port) => age(agreed, port, now)),
    [undefined, 3000, 3000, 2000],
  );
  assert.equal(agreedAges(agreed, told(theirs, there(4000)), curve, now), agreed, 'nothing differs');
});

test('nothing is believed of an endpoint that is not known, of a window that is over, or by a clock that is ahead', () => {
  const theirs = observed(aged([]), endpoints(1), curve, there(0));
  assert.equal(agreedAges(aged([]), told(theirs, there(0)), curve, here(0)).young.size, 0);
  assert.equal(agreedAges(aged(endpoints(1)), told(theirs, there(0)), curve, here(10_000)).young.size, 0);
  const ahead = observed(aged([]), endpoints(1), curve, there(60_000));
  assert.equal(agreedAges(aged(endpoints(1)), told(ahead, there(60_000)), curve, here(0)).young.size, 0);
});

test('a version without requests has had none since the replica that knows it longest', () => {
  const theirs = withTraffic(aged(endpoints(1)), false, curve, there(0));
  const ours = withTraffic(aged(endpoints(1)), false, curve, here(5000));
  const agreed = agreedAges(ours, told(theirs, there(6000)), curve, here(6000));
  assert.equal(agreed.idleSince, 0);
  assert.equal(age(withTraffic(agreed, true, curve, here(11_000)), 1, here(12_000)), 1000, 'it is cold as a whole');
  const busy = aged(endpoints(1));
  assert.equal(agreedAges(busy, told(theirs, there(6000)), curve, here(6000)), busy, 'it has requests here by now');
});

test('of what two have kept the second counts', () => {
  const joined = joinedAges({ a: { young: { x: 1, y: 2 }, idleSince: 5 }, b: { young: { x: 1 } } }, { a: { young: { y: 3 } }, c: { young: {}, idleSince: 4 } });
  assert.deepEqual(joined, { a: { young: { x: 1, y: 3 } }, b: { young: { x: 1 } }, c: { young: {}, idleSince: 4 } });
});
