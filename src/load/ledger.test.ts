import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { reportIntervalMs, windowMs } from './interval.ts';
import { createLoadLedger, type TakenReport } from './ledger.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const intervalMs = 10_000;
const report = (now: number, counts: Readonly<Record<string, number>>, served: readonly string[] = ['a', 'b']): TakenReport => ({
  clusters: Object.entries(counts).map(([cluster, issued]) => ({ cluster, issued, succeeded: issued - 1, failed: 1, active: 2, intervalMs })),
  bytes: 100,
  now,
  intervalMs,
  isServed: (name) => served.includes(name),
});
const [one, two] = [
  { group: 'g', node: 'one' },
  { group: 'g', node: 'two' },
];

test('adds up the Envoys of a group by cluster, and the clusters of an Envoy', () => {
  const ledger = createLoadLedger();
  ledger.take(one, report(10_000, { a: 90, b: 10 }));
  ledger.take(two, report(10_000, { a: 9 }));
  ledger.take({ group: 'other', node: 'one' }, report(10_000, { a: 1000 }));
  assert.deepEqual([ledger.cluster('g', 'a', 0).issued, ledger.cluster('g', 'b', 0).issued], [99, 10]);
  assert.deepEqual(ledger.total('g', 'a'), { succeeded: 97, failed: 2 });
  assert.equal(ledger.node(one, 0).issued, 100);
  assert.equal(ledger.cluster('g', 'a', 0).activeMs / 10_000, 4, 'two under way in each of both');
  assert.deepEqual(ledger.cost(), { reports: 3, bytes: 300 });
});

test('a cluster that the group does not have is not kept, one that was removed is for a while', () => {
  const ledger = createLoadLedger();
  ledger.take(one, report(10_000, { a: 5, invented: 5 }));
  assert.equal(ledger.cluster('g', 'invented', 0).issued, 0);
  ledger.take(one, report(20_000, { a: 7 }, []));
  assert.equal(ledger.total('g', 'a').succeeded, 10);
  for (let at = 30_000; at < 300_000; at += 10_000) ledger.take(one, report(at, {}, []));
  assert.equal(ledger.total('g', 'a').succeeded, 0);
});

test('Envoys that report no more are not counted as such, and are forgotten', () => {
  const ledger = createLoadLedger();
  ledger.take(one, report(10_000, {}));
  ledger.take(two, report(10_000, {}));
  assert.deepEqual(ledger.reporters('g', 20_000), ['one', 'two']);
  ledger.take(one, report(40_000, {}));
  assert.deepEqual(ledger.reporters('g', 40_000), ['one']);
});

test('a thousand Envoys with five thousand clusters do not take the memory of their product', () => {
  const ledger = createLoadLedger();
  const names = Array.from({ length: 5000 }, (_, index) => `default/service-${index}/80`);
  const counts = Object.fromEntries(names.map((name) => [name, 10]));
  const served = new Set(names);
  const full = { ...report(0, counts), isServed: (name: string) => served.has(name) };
  const takeFrom = (first: number, last: number): number => {
    for (let node = first; node < last; node++) ledger.take({ group: 'g', node: `n${node}` }, { ...full, now: 10_000 });
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const few = takeFrom(0, 5);
  const growth = takeFrom(5, 105) - few;
  assert.equal(ledger.total('g', 'default/service-7/80').succeeded, 945);
  // 500,000 pairs of an Envoy and a cluster.
  assert.ok(growth < 2_000_000, `${growth} bytes`);
});

test('many Envoys with many clusters report less often', () => {
  assert.deepEqual(
    [reportIntervalMs(3, 100, 10_000), reportIntervalMs(1000, 5000, 10_000), reportIntervalMs(20_000, 20_000, 10_000)],
    [10_000, 50_000, 300_000],
  );
  assert.deepEqual([reportIntervalMs(1, 4000, 10_000), reportIntervalMs(1, 10_000, 10_000)], [10_000, 25_000]);
  assert.equal(reportIntervalMs(3, 100, 600_000), 600_000);
  assert.deepEqual([windowMs(10_000), windowMs(50_000)], [60_000, 150_000]);
});
