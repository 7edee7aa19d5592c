import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { gatewayYaml, routeYaml, serviceYaml } from '../../test/e2e/objects.ts';
import { createFakeClock, type FakeClock } from '../../test/fake/clock.ts';
import { objectsOf } from '../../test/fake/objects.ts';
import type { SnapshotChange } from '../resource.ts';
import type { History } from '../revision/history.ts';
import { endpointRows } from '../row/endpoint-rows.ts';
import { defaultSettings } from '../settings.ts';
import { createHistory } from '../state/history.ts';
import { memoryMedium } from '../state/memory.ts';
import { memoryLimits } from '../state/retention.ts';
import { createStore } from '../store/store.ts';
import type { Stored } from '../store/stored.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';
import { createEngine, type Engine, type EngineOptions } from './engine.ts';

const log = pino({ enabled: false });

const policyYaml = (service: string, slowStart: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: ${service}}
spec: {targetRefs: [{group: "", kind: Service, name: ${service}}], slowStart: ${slowStart}}`;
const tenSeconds = '{mode: Sluice, window: 10s}';

/** Service `a` with these ports, and `b`, which is not warmed up. @param shares of the route. */
const shop = (ports: readonly number[], { slowStart = tenSeconds, shares = { a: 1 } as Readonly<Record<string, number>> } = {}): Stored[] =>
  objectsOf([gatewayYaml, routeYaml('shop', shares), policyYaml('a', slowStart), serviceYaml('a', ports), serviceYaml('b', [90, 91])].join('\n---'));
const sliceOf = (port: number): Stored => shop([port]).find(({ name }) => name === `a-${port}`) ?? assert.fail('no such slice');

interface Started {
  readonly engine: Engine;
  readonly changes: SnapshotChange[];
  readonly list: (objects: readonly Stored[]) => void;
  readonly put: (...ports: readonly number[]) => void;
  readonly remove: (...ports: readonly number[]) => void;
  /** Weights of `a` by port, as they are served. */
  readonly weights: () => Readonly<Record<string, number>>;
  readonly codes: () => readonly string[];
}

function start(
  clock: FakeClock,
  history: History = createHistory(memoryMedium(), { clock, log, limits: memoryLimits }),
  before: Pick<EngineOptions, 'stored' | 'ages'> = {},
): Started {
  const store = createStore(['files']);
  const engine = createEngine({ store, settings: defaultSettings, clock, log, history, ...before });
  const changes: SnapshotChange[] = [];
  engine.snapshots.subscribe((_snapshot, change) => changes.push(change));
  const sink = store.sink('files');
  const rows = () => endpointRows(engine.snapshot('default') ?? assert.fail('nothing is served')).filter(({ cluster }) => cluster === 'default/a/80');
  return {
    engine,
    changes,
    list: sink.list,
    put: (...ports) => sink.change({ put: ports.map(sliceOf), remove: [] }),
    remove: (...ports) => sink.change({ put: [], remove: ports.map(sliceOf) }),
    weights: () => Object.fromEntries(rows().map(({ port, weight }) => [port, weight])),
    codes: () => engine.diagnostics('recent').map(({ code }) => code),
  };
}

test('a new endpoint grows in steps, each of which sends one assignment, until all is as it would be without', () => {
  const clock = createFakeClock(1_000_000);
  const { engine, changes, list, put, weights } = start(clock);
  list(shop([1, 2]));
  assert.deepEqual(weights(), { 1: 1, 2: 1 });
  changes.length = 0;
  put(3);
  const seen = [weights()[3]];
  for (let second = 1; second <= 10; second++) {
    clock.advance(1000);
    seen.push(weights()[3]);
  }
  assert.deepEqual(seen, [10, 10, 20, 30, 40, 50, 60, 70, 80, 90, 1]);
  assert.deepEqual(weights(), { 1: 1, 2: 1, 3: 1 });
  assert.deepEqual(new Set(changes.map((change) => JSON.stringify(change))), new Set(['{"endpoints":["default/a/80"]}']));
  assert.equal(changes.length, 10, 'it came, and grew nine times');
  clock.advance(60_000);
  assert.equal(changes.length, 10);
  // Byte for byte what a server sends that never saw it grow.
  const other = start(createFakeClock());
  other.list(shop([1, 2, 3]));
  const version = (one: Engine): string | undefined => one.snapshot('default')?.resources.endpoints.get('default/a/80')?.version;
  assert.equal(version(engine), version(other.engine));
});

test('twenty endpoints that come one after the other cost few pushes', () => {
  const clock = createFakeClock(1_000_000);
  const { changes, list, put, weights } = start(clock);
  list(shop([1]));
  changes.length = 0;
  for (let port = 2; port < 22; port++) {
    put(port);
    clock.advance(100);
  }
  assert.equal(changes.length - 20, 1, 'besides themselves: within two seconds one of them grew');
  clock.advance(20_000);
  assert.ok(changes.length - 20 <= 11, `${changes.length - 20} pushes`);
  assert.deepEqual(new Set(Object.values(weights())), new Set([1]));
});

test('where all are equally young nothing is sent but themselves, and it is said', () => {
  const clock = createFakeClock(1_000_000);
  const { changes, list, put, remove, weights, codes, engine } = start(clock);
  list(shop([1, 2]));
  assert.deepEqual(codes(), []);
  put(3, 4);
  assert.deepEqual(codes(), [], 'half is not most');
  remove(1, 2);
  assert.deepEqual(weights(), { 3: 1, 4: 1 });
  assert.deepEqual(codes(), ['MostEndpointsYoung']);
  assert.match(engine.diagnostics('recent')[0]?.message ?? '', /^2 of 2 endpoints of default\/a\/http are young: .* nobody is spared\.$/);
  changes.length = 0;
  clock.advance(11_000);
  assert.deepEqual([changes, codes()], [[], []]);
});

test('a build in the middle keeps the weights, and a policy of another window holds at once', () => {
  const clock = createFakeClock(1_000_000);
  const { changes, list, put, weights } = start(clock);
  list(shop([1]));
  put(2);
  clock.advance(5000);
  changes.length = 0;
  list([...shop([1, 2]), ...objectsOf(routeYaml('more', { b: 1 }, '/more'))]);
  clock.advance(100);
  assert.deepEqual([changes.some(({ routes }) => routes !== undefined), changes.some(({ endpoints }) => endpoints?.includes('default/a/80'))], [true, false]);
  assert.deepEqual(weights(), { 1: 100, 2: 50 });
  list(shop([1, 2], { slowStart: '{mode: Sluice, window: 50s}' }));
  clock.advance(100);
  assert.deepEqual(weights(), { 1: 100, 2: 10 });
  list(shop([1, 2], { slowStart: '{mode: "Off"}' }));
  clock.advance(100);
  assert.deepEqual(weights(), { 1: 1, 2: 1 });
});

test('a step waits for a build that is due, in which it is then', () => {
  const clock = createFakeClock(1_000_000);
  const { changes, list, put, weights } = start(clock);
  list(shop([1]));
  put(2);
  clock.advance(2990);
  assert.equal(weights()[2], 20);
  changes.length = 0;
  for (const path of ['/one', '/more']) list([...shop([1, 2]), ...objectsOf(routeYaml('more', { b: 1 }, path))]);
  clock.advance(15);
  assert.deepEqual([weights()[2], changes], [20, []], 'the moment of the step is over, the build not begun');
  clock.advance(30);
  assert.equal(weights()[2], 30);
  assert.equal(changes.length, 1);
});

test('after a restart with a state the window goes on, without one everything counts as aged', async () => {
  const clock = createFakeClock(1_000_000);
  let written: KeptAges = {};
  const history = createHistory(memoryMedium(), { clock, log, limits: memoryLimits });
  const first = start(clock, {
    ...history,
    ages(ages) {
      written = ages;
    },
  });
  first.list(shop([1, 2]));
  first.put(3);
  clock.advance(3000);
  const served = first.engine.snapshot('default') ?? assert.fail();
  const representation = first.engine.group('default') ?? assert.fail();
  const endpointOrigins = new Map(representation.backends.map(({ name, endpoints }) => [name, endpoints]));
  const record = { group: 'default', revision: served.revision, at: 0, cause: [], moreCauses: 0, counts: { listeners: 0, routes: 0, clusters: 0, secrets: 0 } };
  const stored = [
    {
      release: { served: served.revision, at: 0 },
      kept: { record, snapshot: served, endpointOrigins, missingSecrets: new Map() },
      endpoints: served.resources.endpoints,
    },
  ];
  first.engine.stop();
  // The steady clock of another process, and an endpoint that came while there was none.
  const later = createFakeClock(50_000);
  later.jump(clock.now() + 2000 - 50_000);
  const second = start(later, undefined, { stored, ages: JSON.parse(JSON.stringify(written)) as KeptAges });
  second.list(shop([1, 2, 3, 4]));
  assert.deepEqual(second.weights(), { 1: 100, 2: 100, 3: 50, 4: 10 });
  later.advance(20_000);
  assert.deepEqual(second.weights(), { 1: 1, 2: 1, 3: 1, 4: 1 });
  const cold = start(later);
  cold.list(shop([1, 2, 3, 4]));
  assert.deepEqual(cold.weights(), { 1: 1, 2: 1, 3: 1, 4: 1 });
});

test('a replica that begins in the middle of a window has the weights of the others, also of what came as it began', () => {
  const clock = createFakeClock(1_000_000);
  const first = start(clock);
  first.list(shop([1, 2]));
  first.put(3);
  clock.advance(1200);
  const later = createFakeClock(50_000);
  later.jump(clock.now() - 50_000);
  const second = start(later, undefined, { ages: JSON.parse(JSON.stringify(first.engine.ages())) as KeptAges });
  first.put(4);
  second.list(shop([1, 2, 3, 4]));
  assert.deepEqual([first.weights()[3], second.weights()], [10, { 1: 100, 2: 100, 3: 10, 4: 100 }]);
  second.changes.length = 0;
  second.engine.agreeOnAges(first.engine.ages());
  later.advance(0);
  assert.equal(second.changes.length, 1);
  for (let seconds = 0; seconds < 12; seconds++) {
    assert.deepEqual(second.weights(), first.weights());
    second.engine.agreeOnAges(first.engine.ages());
    for (const one of [clock, later]) one.advance(1000);
  }
  assert.deepEqual([second.weights(), second.changes.length <= 12], [{ 1: 1, 2: 1, 3: 1, 4: 1 }, true]);
});

test('a version that got no requests is cold when they come back, and new endpoints of it are no colder', () => {
  const clock = createFakeClock(1_000_000);
  const { list, put, weights, codes } = start(clock);
  list(shop([1, 2]));
  list(shop([1, 2], { shares: { a: 0, b: 1 } }));
  clock.advance(60_000);
  put(3);
  clock.advance(60_000);
  assert.deepEqual([weights(), codes()], [{ 1: 100, 2: 100, 3: 10 }, []], 'nobody asks, so nothing warms up');
  list(shop([1, 2, 3], { shares: { a: 1, b: 0 } }));
  clock.advance(100);
  assert.deepEqual([weights(), codes()], [{ 1: 1, 2: 1, 3: 1 }, ['MostEndpointsYoung']]);
  put(4);
  clock.advance(5000);
  put(5);
  assert.deepEqual(weights(), { 1: 40, 2: 40, 3: 40, 4: 40, 5: 10 });
});

test('it is known how long versions had no requests, also those that no route names any more', () => {
  const clock = createFakeClock(1_000_000);
  const { engine, list } = start(clock);
  list(shop([1, 2]));
  assert.deepEqual(engine.idlePools(), []);
  list(shop([1, 2], { shares: { a: 0, b: 1 } }));
  clock.advance(60_000);
  const idle = { clusters: ['default/a/80'], windowMs: 10_000 };
  const [first] = engine.idlePools();
  assert.deepEqual([engine.idlePools().length, { ...first, idleMs: undefined }], [1, { ...idle, idleMs: undefined }]);
  assert.ok(first && first.idleMs > 59_000 && first.idleMs <= 60_000, String(first?.idleMs));
  list(shop([1, 2], { shares: { b: 1 } }));
  clock.advance(60_000);
  const [second] = engine.idlePools();
  assert.deepEqual([second?.clusters, second && second.idleMs - first.idleMs], [idle.clusters, 60_000]);
  list(shop([1, 2]));
  clock.advance(100);
  assert.deepEqual(engine.idlePools(), []);
});

test('a version that no route names is remembered', () => {
  const clock = createFakeClock(1_000_000);
  const { list, weights, codes } = start(clock);
  list(shop([1, 2]));
  list(shop([1, 2], { shares: { b: 1 } }));
  clock.advance(60_000);
  list(shop([1, 2, 3]));
  clock.advance(100);
  assert.deepEqual([weights(), codes()], [{ 1: 1, 2: 1, 3: 1 }, ['MostEndpointsYoung']]);
});

test('who got requests while no policy asked for warm-up is aged when one does again', () => {
  const clock = createFakeClock(1_000_000);
  const { list, put, weights, codes } = start(clock);
  list(shop([1, 2]));
  list(shop([1, 2], { slowStart: '{mode: "Off"}' }));
  clock.advance(60_000);
  list(shop([1, 2]));
  clock.advance(1000);
  put(3);
  clock.advance(100);
  assert.deepEqual([weights(), codes()], [{ 1: 100, 2: 100, 3: 10 }, []]);
});

test('a clock that is set changes nothing', () => {
  const clock = createFakeClock(1_000_000);
  const { list, put, weights } = start(clock);
  list(shop([1]));
  put(2);
  clock.advance(2000);
  clock.jump(3_600_000);
  clock.advance(1000);
  assert.equal(weights()[2], 30);
  clock.jump(-7_200_000);
  clock.advance(1000);
  assert.equal(weights()[2], 40);
});

test('of endpoints that Envoys warm up the ages are known, and the weights are left alone', () => {
  const clock = createFakeClock(1_000_000);
  const { engine, list, put, weights } = start(clock);
  const slowStart = '{mode: Envoy, window: 10s}';
  list(shop([1, 2], { slowStart, shares: { b: 1, a: 0 } }));
  put(3);
  clock.advance(4000);
  const [pool] = engine.warmUps();
  assert.deepEqual(
    [pool?.by, pool?.endpoints.map(({ port, percent }) => [port, percent])],
    [
      'Envoy',
      [
        [1, 100],
        [2, 100],
        [3, 40],
      ],
    ],
  );
  assert.deepEqual(weights(), { 1: 1, 2: 1, 3: 1 });
  clock.advance(60_000);
  assert.deepEqual(
    engine.warmUps()[0]?.endpoints.every(({ percent }) => percent === 100),
    true,
  );
});
