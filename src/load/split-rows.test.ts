import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from '../proto/codec.ts';
import type { Resource } from '../resource.ts';
import { createLoadLedger } from './ledger.ts';
import { type SplitRow, splitRows } from './split-rows.ts';
import { createSplitTimes } from './split-times.ts';
import { type ForwardingRoute, mergedWeights, splitTable } from './splits.ts';

const route = (name: string, weights: Readonly<Record<string, number>>): ForwardingRoute => ({
  name,
  virtualHost: '*',
  backends: Object.entries(weights).map(([cluster, weight]) => ({ cluster, weight })),
});
const tableOf = (...routes: readonly ForwardingRoute[]) => splitTable(routes);

function resourceOf(...routes: readonly ForwardingRoute[]): Resource {
  const bytes = encode('envoy.config.route.v3.RouteConfiguration', {
    name: 'r',
    virtual_hosts: [
      {
        name: '*',
        domains: ['*'],
        routes: routes.map(({ name, backends }) => ({
          name,
          match: { prefix: '/' },
          route: { weighted_clusters: { clusters: backends.map(({ cluster, weight }) => ({ name: cluster, weight: { value: weight } })) } },
        })),
      },
    ],
  });
  return { type: 'routes', name: 'r', version: String(routes.length), bytes, origins: [] };
}

const holder = (id: string, routes: readonly ForwardingRoute[], clusters: readonly string[] = []) => ({
  id,
  routes: [{ name: 'r', resource: resourceOf(...routes) }],
  mayHaveCluster: (name: string) => clusters.includes(name),
});

const now = 100_000;
const intervalMs = 10_000;
const wholeRow = (rows: readonly SplitRow[]): SplitRow => {
  assert.equal(rows.length, 1);
  return rows[0] as SplitRow;
};
const shares = ({ backends }: SplitRow) => backends.map(({ cluster, wanted, measured }) => [cluster, wanted, measured?.share]);

function loaded(counts: Readonly<Record<string, number>>, at = now - 1000) {
  const load = createLoadLedger();
  const clusters = Object.entries(counts).map(([cluster, issued]) => ({ cluster, issued, succeeded: issued, failed: 0, active: 0, intervalMs }));
  load.take({ group: 'g', node: 'a' }, { clusters, bytes: 1, now: at, intervalMs, isServed: () => true });
  return load;
}

describe('the three numbers of a split', () => {
  const canary = route('canary', { v1: 90, v2: 10 });

  test('wanted, acknowledged by each Envoy, measured', () => {
    const table = tableOf(canary);
    const holders = [holder('a', [canary]), holder('b', [route('canary', { v1: 95, v2: 5 })]), holder('c', [canary])];
    const row = wholeRow(splitRows({ group: 'g', wanted: table, served: table, holders, load: loaded({ v1: 897, v2: 103 }), now }));
    assert.deepEqual(shares(row), [
      ['v1', 0.9, 0.897],
      ['v2', 0.1, 0.103],
    ]);
    assert.deepEqual(row.backends[1]?.acknowledged, [
      { share: 0.1, envoys: ['a', 'c'] },
      { share: 0.05, envoys: ['b'] },
    ]);
    assert.deepEqual([row.envoys, row.reporting, row.overMs, row.unmeasured], [3, ['a'], 10_000, undefined]);
  });

  test('what is wanted may be held: what is measured is compared with what is served', () => {
    const rows = splitRows({
      group: 'g',
      wanted: tableOf(route('canary', { v1: 50, v2: 50 })),
      served: tableOf(canary),
      holders: [holder('a', [canary])],
      load: loaded({ v1: 9, v2: 1 }),
      now,
    });
    assert.deepEqual(shares(wholeRow(rows)), [
      ['v1', 0.5, 0.9],
      ['v2', 0.5, 0.1],
    ]);
    assert.deepEqual(wholeRow(rows).backends[1]?.acknowledged, [{ share: 0.1, envoys: ['a'] }]);
  });

  test('without reports it says so', () => {
    const table = tableOf(canary);
    const row = wholeRow(splitRows({ group: 'g', wanted: table, served: table, holders: [], load: createLoadLedger(), now }));
    assert.deepEqual([row.unmeasured, row.backends[0]?.measured], ['noReports', undefined]);
  });

  test('a cluster that another route uses too has no share of its own, unless that one has the same shares', () => {
    const load = loaded({ v1: 90, v2: 10 });
    const other = tableOf(canary, route('testers', { v2: 1 }));
    const row = wholeRow(splitRows({ group: 'g', wanted: other, served: other, holders: [], load, now }));
    assert.deepEqual([row.unmeasured, row.backends[1]?.otherRoutes, row.backends[1]?.measured?.share], ['otherRoutes', ['testers'], undefined]);
    assert.equal(row.backends[1]?.measured?.requests, 10);
    const alike = tableOf(canary, route('canary-of-another-path', { v1: 90, v2: 10 }));
    const rows = splitRows({ group: 'g', wanted: alike, served: alike, holders: [], load, now });
    assert.deepEqual(
      rows.map(({ countedWith }) => countedWith),
      [['canary-of-another-path'], ['canary']],
    );
    assert.deepEqual(rows.map(shares), [
      [
        ['v1', 0.9, 0.9],
        ['v2', 0.1, 0.1],
      ],
      [
        ['v1', 0.9, 0.9],
        ['v2', 0.1, 0.1],
      ],
    ]);
  });

  test('limits of a share follow from the clusters that no other route uses', () => {
    const limits = (shares: Readonly<Record<string, number>>, counts: Readonly<Record<string, number>>) => {
      const table = tableOf(route('canary', shares), route('testers', { v2: 1 }));
      const row = wholeRow(splitRows({ group: 'g', wanted: table, served: table, holders: [], load: loaded(counts), now }));
      return row.backends.map(({ measured }) => [measured?.shareWithin?.atLeast, measured?.shareWithin?.atMost]);
    };
    assert.deepEqual(limits({ v1: 90, v2: 10 }, { v1: 900, v2: 300 }), [
      [0.75, 1],
      [0, 0.25],
    ]);
    assert.deepEqual(limits({ v1: 80, v2: 10, v3: 10 }, { v1: 50, v2: 100, v3: 50 }), [
      [0.25, 0.5],
      [0, 0.5],
      [0.25, 0.5],
    ]);
    const unknown = [undefined, undefined];
    assert.deepEqual(limits({ v1: 90, v2: 10 }, { v2: 300 }), [[0, 0], unknown], 'nothing of v1, and v2 may be all or nothing');
    assert.deepEqual(limits({ v1: 90, v2: 10 }, { v1: 0, v2: 0 }), [unknown, unknown]);
  });

  test('only what was reported of the time since the shares changed counts', () => {
    const times = createSplitTimes();
    times.note('g', tableOf(route('canary', { v1: 95, v2: 5 })), 0);
    const table = tableOf(canary);
    assert.deepEqual(
      times.note('g', table, 90_000).map(({ route: name }) => name),
      ['canary'],
    );
    const sources = { group: 'g', wanted: table, served: table, holders: [], times, now };
    const before = wholeRow(splitRows({ ...sources, load: loaded({ v1: 95, v2: 5 }, 99_000) }));
    assert.deepEqual([before.unmeasured, before.forMs, before.backends[1]?.measured?.requests], ['tooSoon', 10_000, 0]);
    const after = wholeRow(splitRows({ ...sources, now: 106_000, load: loaded({ v1: 90, v2: 10 }, 105_000) }));
    assert.deepEqual(shares(after)[1], ['v2', 0.1, 0.1]);
  });

  test('a removed cluster stays in it until no Envoy sends anything there and none has it', () => {
    const times = createSplitTimes();
    const alone = route('canary', { v1: 1 });
    times.note('g', tableOf(canary), 0);
    times.note('g', tableOf(alone), 50_000);
    const table = tableOf(alone);
    const removed = (holders: Parameters<typeof splitRows>[0]['holders']) => {
      const rows = splitRows({ group: 'g', wanted: table, served: table, holders, times, now });
      return rows[0]?.backends.find(({ cluster }) => cluster === 'v2');
    };
    const still = removed([holder('a', [canary], ['v1', 'v2']), holder('b', [alone], ['v1', 'v2']), holder('c', [alone], ['v1'])]);
    assert.deepEqual([still?.wanted, still?.remainsAt, still?.acknowledged.length], [undefined, ['a', 'b'], 2]);
    assert.deepEqual(removed([holder('a', [alone], ['v2'])])?.remainsAt, ['a']);
    assert.equal(removed([holder('a', [alone], ['v1'])]), undefined);
  });

  test('an Envoy that went without the new shares may have the removed cluster, one that went later has not', () => {
    const times = createSplitTimes();
    const alone = route('canary', { v1: 1 });
    times.note('g', tableOf(canary), 0);
    times.note('g', tableOf(alone), 50_000);
    const table = tableOf(alone);
    const rows = (...away: NonNullable<Parameters<typeof splitRows>[0]['away']>) =>
      splitRows({ group: 'g', wanted: table, served: table, holders: [holder('a', [alone], ['v1'])], away, times, now });
    const row = wholeRow(rows({ id: 'cut-off', wentAt: 49_000 }, { id: 'ended', wentAt: 90_000 }));
    assert.deepEqual([row.away, row.backends[1]?.cluster, row.backends[1]?.remainsAt], [['cut-off'], 'v2', []]);
    assert.deepEqual(rows({ id: 'ended', wentAt: 90_000 }), []);
  });
});

test('two references to the same cluster are one share', () => {
  assert.deepEqual(
    mergedWeights([
      { cluster: 'a', weight: 1 },
      { cluster: 'b', weight: 2 },
      { cluster: 'a', weight: 3 },
    ]),
    [
      { cluster: 'a', weight: 4 },
      { cluster: 'b', weight: 2 },
    ],
  );
});
