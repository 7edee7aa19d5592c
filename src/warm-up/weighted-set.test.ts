import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSet } from '../ir/backend.ts';
import { weightedSet } from './weighted-set.ts';

const endpoint = (port: number, more: Partial<Endpoint> = {}): Endpoint => ({ address: '10.0.0.1', port, health: 'healthy', weight: 1, ...more });
const set = (...endpoints: readonly Endpoint[]): EndpointSet => ({ cluster: 'default/a/80', endpoints, origins: [] });
/** Shares by port; 100 where none is given. */
const by =
  (shares: Readonly<Record<number, number>>) =>
  ({ port }: Endpoint): number =>
    shares[port] ?? 100;
const weights = ({ endpoints }: EndpointSet): readonly number[] => endpoints.map(({ weight }) => weight);
const zones = ({ endpoints }: EndpointSet): readonly (string | undefined)[] => endpoints.map(({ zone }) => zone);

test('nobody is young, or all are equally: the very set', () => {
  const plain = set(endpoint(1), endpoint(2, { weight: 3 }));
  for (const shares of [{}, { 1: 10, 2: 10 }]) assert.equal(weightedSet(plain, by(shares), true), plain);
  assert.deepEqual(weightedSet(set(), by({}), true), set());
  // The weight of one that drains is nobody's.
  const replaced = set(endpoint(1, { health: 'draining' }), endpoint(2), endpoint(3));
  assert.equal(weightedSet(replaced, by({ 2: 10, 3: 10 }), true), replaced);
});

test('weights that a person wrote are multiplied', () => {
  assert.deepEqual(weights(weightedSet(set(endpoint(1), endpoint(2, { weight: 3 }), endpoint(3, { weight: 2 })), by({ 2: 10, 3: 20 }), false)), [100, 30, 40]);
});

test('a zone with only young endpoints is no zone for Envoys that prefer theirs', () => {
  const spread = set(endpoint(1, { zone: 'a' }), endpoint(2, { zone: 'a' }), endpoint(3, { zone: 'b' }), endpoint(4, { zone: 'b' }));
  assert.deepEqual(zones(weightedSet(spread, by({ 3: 10, 4: 20 }), true)), ['a', 'a', undefined, undefined]);
  assert.deepEqual(zones(weightedSet(spread, by({ 3: 10, 4: 20 }), false)), ['a', 'a', 'b', 'b']);
  assert.deepEqual(zones(weightedSet(spread, by({ 3: 10 }), true)), ['a', 'a', 'b', 'b'], 'one of them is aged');
  assert.deepEqual(zones(weightedSet(spread, by({ 1: 50, 2: 50, 3: 10, 4: 20 }), true)), ['a', 'a', 'b', 'b'], 'nowhere is an aged one');
});
