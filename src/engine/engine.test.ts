import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { gatewayYaml, routeYaml, serviceYaml } from '../../test/e2e/objects.ts';
import { createFakeClock } from '../../test/fake/clock.ts';
import { objectsOf } from '../../test/fake/objects.ts';
import type { SnapshotChange } from '../resource.ts';
import { defaultSettings } from '../settings.ts';
import { createStore } from '../store/store.ts';
import type { Stored } from '../store/stored.ts';
import { createEngine } from './engine.ts';

const shop = (endpoints: readonly number[]): Stored[] =>
  objectsOf([gatewayYaml, routeYaml('a', { a: 1 }, '/a'), routeYaml('b', { b: 1 }, '/b'), serviceYaml('a', endpoints), serviceYaml('b', [9])].join('\n---'));

function start(sources: readonly string[] = ['files']) {
  const clock = createFakeClock();
  const store = createStore(sources);
  const builds: boolean[] = [];
  const engine = createEngine({ store, settings: defaultSettings, clock, log: pino({ enabled: false }), onBuild: ({ failed }) => builds.push(failed) });
  const changes: SnapshotChange[] = [];
  engine.snapshots.subscribe((_snapshot, change) => changes.push(change));
  return { clock, store, engine, builds, changes, sink: store.sink('files') };
}

const sliceOf = (objects: readonly Stored[], port: number): Stored => objects.find(({ name }) => name === `a-${port}`) ?? assert.fail('no such slice');

test('nothing is served before every source has listed', () => {
  const { store, engine, sink } = start(['files', 'slow']);
  sink.list(shop([1]));
  assert.deepEqual([engine.isReady(), engine.snapshot('default')], [false, undefined]);
  store.sink('slow').list([]);
  assert.deepEqual([engine.isReady(), engine.groups()], [true, ['default']]);
});

test('a slice changes one assignment in the same turn, and builds nothing', () => {
  const { engine, sink, builds, changes } = start();
  const objects = shop([1, 2]);
  sink.list(objects.filter((object) => object !== sliceOf(objects, 2)));
  const before = engine.snapshot('default');
  changes.length = 0;
  sink.change({ put: [sliceOf(objects, 2)], remove: [] });
  const after = engine.snapshot('default');
  assert.deepEqual(changes, [{ endpoints: ['default/a/80'] }]);
  assert.equal(after?.revision, before?.revision);
  assert.equal(after?.resources.clusters, before?.resources.clusters);
  assert.equal(after?.resources.endpoints.get('default/b/80'), before?.resources.endpoints.get('default/b/80'));
  assert.deepEqual(builds, [false]);
});

test('from one endpoint to none goes the same way, and the words about it are there when asked for', () => {
  const { engine, sink, builds } = start();
  const objects = shop([1]);
  sink.list(objects);
  const { kind, namespace, name } = sliceOf(objects, 1);
  const codes = () => engine.diagnostics().map(({ code }) => code);
  assert.deepEqual(codes(), []);
  sink.change({ put: [], remove: [{ kind, namespace, name }] });
  assert.equal(builds.length, 1);
  assert.deepEqual(codes(), ['NoEndpoints']);
  assert.deepEqual(codes(), ['NoEndpoints']);
  assert.equal(builds.length, 2);
});

test('changes that come together are built once, after a quiet time that has an end', () => {
  const { clock, sink, builds, changes } = start();
  sink.list(shop([1]));
  changes.length = 0;
  for (let index = 0; index < 5; index++) {
    sink.change({ put: objectsOf(routeYaml('a', { a: 1 }, `/a${index}`)), remove: [] });
    clock.advance(15);
  }
  assert.equal(builds.length, 1);
  clock.advance(20);
  assert.equal(builds.length, 2);
  assert.deepEqual(changes, [{ routes: ['default/80'] }]);
  for (let index = 0; index < 30; index++) {
    sink.change({ put: objectsOf(routeYaml('a', { a: 1 }, `/x${index}`)), remove: [] });
    clock.advance(15);
  }
  assert.ok(builds.length > 2, 'without end of changes it is built all the same');
});

test('a build that fails leaves what was served', () => {
  const { clock, engine, sink, builds } = start();
  sink.list(shop([1]));
  const before = engine.snapshot('default');
  const broken = { ...objectsOf(routeYaml('a', { a: 1 }))[0], object: null } as unknown as Stored;
  sink.change({ put: [broken], remove: [] });
  clock.advance(20);
  assert.deepEqual(builds, [false, true]);
  assert.equal(engine.snapshot('default'), before);
  sink.change({ put: objectsOf(routeYaml('a', { b: 1 }, '/a')), remove: [] });
  clock.advance(20);
  assert.deepEqual(builds, [false, true, false]);
  assert.notEqual(engine.snapshot('default'), before);
});

test('endpoints that go along with the route to them do not go before it', () => {
  const { clock, engine, sink, changes } = start();
  const objects = shop([1]);
  sink.list(objects);
  changes.length = 0;
  const { kind, namespace, name } = sliceOf(objects, 1);
  sink.change({ put: objectsOf(routeYaml('a', { b: 1 }, '/a')), remove: [{ kind, namespace, name }] });
  assert.deepEqual(changes, []);
  clock.advance(20);
  assert.deepEqual(changes, [{ clusters: ['default/a/80'], endpoints: ['default/a/80'], routes: ['default/80'] }]);
  assert.equal(engine.snapshot('default')?.resources.clusters.has('default/a/80'), false);
});

test('a group that nothing asks for any more is served no more, and nothing empty is sent to it', () => {
  const { clock, engine, sink, changes } = start();
  sink.list(shop([1]));
  changes.length = 0;
  sink.list([]);
  clock.advance(20);
  assert.deepEqual([engine.groups(), engine.snapshot('default'), changes], [[], undefined, []]);
});

test('the groups of gRPC clients are built for those who ask, also where their Services come later', () => {
  const { clock, engine, sink, changes } = start();
  const grpc = objectsOf(serviceYaml('prices', [1], { namespace: 'shop', appProtocol: 'grpc' }));
  sink.list([...shop([1]), ...grpc]);
  assert.deepEqual(engine.groups(), ['default']);
  changes.length = 0;
  assert.equal(engine.snapshots.get('grpc/shop', 'client'), undefined);
  assert.equal(engine.snapshots.get('grpc/later', 'client'), undefined);
  clock.advance(20);
  assert.deepEqual(engine.groups(), ['default', 'grpc/shop']);
  assert.deepEqual(Object.keys(changes[0] ?? {}), ['clusters', 'endpoints', 'listeners', 'routes']);
  sink.change({ put: objectsOf(serviceYaml('late', [1], { namespace: 'later', appProtocol: 'grpc' })), remove: [] });
  clock.advance(20);
  assert.deepEqual(engine.groups(), ['default', 'grpc/later', 'grpc/shop']);
  assert.ok(engine.snapshots.get('grpc/later', 'client')?.resources.listeners.has('late:80'));
});
