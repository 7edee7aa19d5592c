import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyBoundsMs } from '../latency-bounds.ts';
import { createLatencyLedger, latencyOf } from './latency-ledger.ts';

/** Buckets with these requests: by the bound of each, 0 for those above all. */
function counts(requests: Readonly<Record<number, number>>): readonly number[] {
  return [...latencyBoundsMs.map((bound) => requests[bound] ?? 0), requests[0] ?? 0];
}

test('percentiles lie in the bucket of their rank, evenly spread', () => {
  assert.equal(latencyOf(counts({})), undefined);
  assert.deepEqual(latencyOf(counts({ 10: 100 })), { count: 100, p50Ms: 8.5, p95Ms: 9.85, p99Ms: 9.97 });
  assert.deepEqual(latencyOf(counts({ 3: 90, 250: 10 })), { count: 100, p50Ms: 2 + 5 / 9, p95Ms: 200, p99Ms: 240 });
  assert.equal(latencyOf(counts({ 1: 1, 0: 99 }))?.p50Ms, 300_000, 'above all bounds');
});

test('Envoys of a group are added up, the last minute is told apart, and clusters that are not served are not kept', () => {
  const ledger = createLatencyLedger();
  const take = (group: string, now: number, name: string, requests: Readonly<Record<number, number>>, node = 'n'): void => {
    ledger.count(10);
    ledger.take(
      { group, node },
      {
        clusters: [{ name, counts: counts(requests) }],
        began: now - 10_000,
        now,
        clusterOf: (statistic) => (statistic === 'a' ? 'a' : undefined),
      },
    );
  };
  take('g', 100_000, 'a', { 5: 1 });
  take('g', 100_000, 'a', { 5: 2 });
  take('g', 130_000, 'a', { 100: 1 });
  take('g', 130_000, 'of-nobody', { 100: 1 });
  take('other', 130_000, 'a', { 100: 7 });
  assert.equal(ledger.cluster('g', 'a', 0)?.count, 4);
  assert.equal(ledger.cluster('g', 'a', 95_000)?.count, 1, 'only of a time that began then');
  assert.equal(ledger.cluster('g', 'of-nobody', 0), undefined);
  assert.deepEqual(ledger.cost(), { reports: 5, bytes: 50 });
  take('g', 200_000, 'a', { 7: 1 });
  assert.equal(ledger.cluster('g', 'a', 0)?.count, 1, 'what is older is forgotten');
  take('g', 400_000, 'of-nobody', { 7: 1 });
  assert.equal(ledger.cluster('g', 'a', 0), undefined, 'also of a cluster that gets nothing any more');
  take('g', 410_000, 'a', { 7: 3 }, 'other');
  take('g', 410_000, 'of-nobody', { 7: 3 }, 'other');
  const ofNode = (node: string, from = 0): number => Array.from(ledger.node({ group: 'g', node }, from)).reduce((sum, count) => sum + count, 0);
  assert.deepEqual([ofNode('other'), ofNode('other', 405_000), ofNode('n'), ofNode('nobody')], [3, 0, 0, 0], 'of each Envoy, over what is served');
});
