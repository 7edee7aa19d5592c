import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { tlsSecretYaml } from '../../test/e2e/certificate.ts';
import { gatewayYaml, routeYaml, secureGatewayYaml, serviceYaml } from '../../test/e2e/objects.ts';
import { createFakeClock, type FakeClock } from '../../test/fake/clock.ts';
import { objectsOf } from '../../test/fake/objects.ts';
import type { EndpointOrigin, EndpointSet } from '../ir/backend.ts';
import { ownCertificateName, sessionKeysName } from '../ir/names.ts';
import type { SnapshotChange } from '../resource.ts';
import type { LastServed } from '../revision/history.ts';
import { defaultSettings } from '../settings.ts';
import { createMemoryHistory } from '../state/memory.ts';
import { createStore } from '../store/store.ts';
import type { Stored } from '../store/stored.ts';
import { type OwnCertificate, ownCertificateSecret } from '../translate/ingress/default-certificate.ts';
import { secretResource } from '../xds/secret.ts';
import { createEngine } from './engine.ts';
import { missingSecrets, renewed } from './renewed.ts';

const shop = (endpoints: readonly number[]): Stored[] =>
  objectsOf([gatewayYaml, routeYaml('a', { a: 1 }, '/a'), routeYaml('b', { b: 1 }, '/b'), serviceYaml('a', endpoints), serviceYaml('b', [9])].join('\n---'));

function start(
  sources: readonly string[] = ['files'],
  {
    stored = [] as readonly LastServed[],
    startFromStateMs = undefined as number | undefined,
    clock = createFakeClock(),
    ownCertificate = undefined as OwnCertificate | undefined,
  } = {},
) {
  const news: string[] = [];
  const store = createStore(sources);
  const builds: boolean[] = [];
  const log = pino({ enabled: false });
  const history = createMemoryHistory({ clock, log });
  const engine = createEngine({
    store,
    settings: { ...defaultSettings, release: { ...defaultSettings.release, ...(startFromStateMs === undefined ? {} : { startFromStateMs }) } },
    clock,
    log,
    history,
    stored,
    ...(ownCertificate && { ownCertificate }),
    onBuild: ({ failed }) => builds.push(failed),
    onNews: (_group, { type }) => news.push(type),
  });
  const changes: SnapshotChange[] = [];
  engine.snapshots.subscribe((_snapshot, change) => changes.push(change));
  return { clock, store, engine, builds, changes, news, sink: store.sink('files') };
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

test('whoever asks again and again does not cause builds while endpoints come and go, and gets the words in the end', () => {
  const { clock, engine, sink, builds } = start();
  const objects = shop([1]);
  sink.list(objects);
  const { kind, namespace, name } = sliceOf(objects, 1);
  const codes = () => engine.diagnostics('recent').map(({ code }) => code);
  for (let index = 0; index < 20; index++) {
    sink.change({ put: [], remove: [{ kind, namespace, name }] });
    codes();
    sink.change({ put: [sliceOf(objects, 1)], remove: [] });
    codes();
  }
  sink.change({ put: [], remove: [{ kind, namespace, name }] });
  assert.deepEqual(codes(), []);
  assert.equal(builds.length, 1);
  clock.advance(60_000);
  assert.equal(builds.length, 2);
  assert.deepEqual(codes(), ['NoEndpoints']);
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

test('one change after a rest is built at once, and those that follow it after a quiet time', () => {
  const { clock, sink, builds, changes } = start();
  sink.list(shop([1]));
  changes.length = 0;
  const change = (path: string) => sink.change({ put: objectsOf(routeYaml('a', { a: 1 }, path)), remove: [] });
  clock.advance(60_000);
  change('/first');
  clock.advance(2);
  assert.deepEqual([builds.length, changes], [2, [{ routes: ['default/80'] }]]);
  clock.advance(1);
  change('/second');
  clock.advance(19);
  assert.equal(builds.length, 2);
  clock.advance(1);
  assert.equal(builds.length, 3);
  clock.advance(60_000);
  change('/third');
  clock.advance(1);
  change('/fourth');
  clock.advance(19);
  assert.equal(builds.length, 3, 'what comes within that time of each other is built once');
});

test('a change with a new mistake is not sent before a quiet time is over in which it may be mended', () => {
  const { clock, engine, sink, changes } = start();
  const objects = shop([1]);
  const isService = ({ kind }: Stored) => kind === 'Service';
  sink.list(objects.filter((object) => !isService(object) && object.kind !== 'HTTPRoute'));
  const route = (): void => sink.change({ put: objectsOf(routeYaml('a', { a: 1 }, '/first')), remove: [] });
  const codes = () => engine.diagnostics('built').map(({ code }) => code);
  clock.advance(60_000);
  changes.length = 0;
  route();
  clock.advance(15);
  assert.deepEqual([changes, codes()], [[], []]);
  sink.change({ put: objects.filter(isService), remove: [] });
  clock.advance(20);
  assert.deepEqual([changes.length, codes()], [1, []]);
  clock.advance(60_000);
  sink.change({ put: [], remove: objects.filter(isService) });
  clock.advance(19);
  assert.deepEqual(codes(), []);
  clock.advance(1);
  assert.notDeepEqual(codes(), [], 'nobody mended it');
});

/** A clock by which every step of a build is a whole turn; `turn` lets the next one happen, and is false where none waits. */
function slowClock(): FakeClock & { turn(): boolean } {
  const clock = createFakeClock();
  const turns: (() => void)[] = [];
  let readings = 0;
  return {
    ...clock,
    steady: () => clock.steady() + 10 * readings++,
    after(milliseconds, call) {
      if (milliseconds > 0) return clock.after(milliseconds, call);
      turns.push(call);
      return () => void turns.splice(turns.indexOf(call) >>> 0, 1);
    },
    turn() {
      const next = turns.shift();
      next?.();
      return next !== undefined;
    },
  };
}

test('endpoints that change while a build is under way go out at once, and what is built has them', () => {
  const clock = slowClock();
  const { engine, sink, builds, changes } = start(['files'], { clock });
  const objects = shop([1, 2]);
  sink.list(objects.filter((object) => object !== sliceOf(objects, 2)));
  assert.equal(engine.isReady(), false, 'a build is more than one step');
  while (clock.turn());
  const version = () => engine.snapshot('default')?.resources.endpoints.get('default/a/80')?.version;
  const before = version();
  changes.length = 0;
  sink.change({ put: objectsOf(routeYaml('a', { a: 1 }, '/new')), remove: [] });
  clock.advance(250);
  assert.equal(clock.turn(), true);
  sink.change({ put: [sliceOf(objects, 2)], remove: [] });
  assert.deepEqual([changes, builds.length], [[{ endpoints: ['default/a/80'] }], 1]);
  const changed = version();
  assert.notEqual(changed, before);
  while (clock.turn());
  assert.deepEqual([changes, builds.length], [[{ endpoints: ['default/a/80'] }, { routes: ['default/80'] }], 2]);
  assert.equal(version(), changed);
});

test('objects that change while a build is under way are in the next one, which follows by itself', () => {
  const clock = slowClock();
  const { sink, builds, changes, engine } = start(['files'], { clock });
  sink.list(shop([1]));
  while (clock.turn());
  changes.length = 0;
  const routes = () => Buffer.from(engine.snapshot('default')?.resources.routes.get('default/80')?.bytes ?? []).toString('latin1');
  sink.change({ put: objectsOf(routeYaml('a', { a: 1 }, '/first')), remove: [] });
  clock.advance(250);
  sink.change({ put: objectsOf(routeYaml('b', { b: 1 }, '/second')), remove: [] });
  clock.advance(250);
  while (builds.length < 2 && clock.turn());
  assert.deepEqual([routes().includes('/first'), routes().includes('/second')], [true, false]);
  while (clock.turn());
  assert.deepEqual([builds.length, changes.length, routes().includes('/second')], [3, 2, true]);
});

test('a group that is asked for while the first build is under way is in the next one', () => {
  const clock = slowClock();
  const { sink, builds, engine } = start(['files'], { clock });
  sink.list(shop([1]));
  engine.snapshots.get('grpc/default', 'client');
  while (clock.turn());
  assert.equal(builds.length, 1);
  clock.advance(250);
  while (clock.turn());
  assert.equal(builds.length, 2);
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

test('a group that is deleted is served no more, and nothing empty is sent to it', () => {
  const { clock, engine, sink, changes } = start();
  const objects = shop([1]);
  sink.list(objects);
  changes.length = 0;
  sink.change({ put: [], remove: objects.map(({ kind, namespace, name }) => ({ kind, namespace, name })) });
  clock.advance(20);
  assert.deepEqual([engine.groups(), engine.snapshot('default'), changes], [[], undefined, []]);
});

test('a list that got empty is held, with its endpoints, until its time is over', () => {
  const { clock, engine, sink, changes, news } = start();
  sink.list(shop([1, 2]));
  const before = engine.snapshot('default');
  changes.length = 0;
  sink.list([]);
  clock.advance(20);
  assert.deepEqual([engine.groups(), engine.snapshot('default')?.resources.endpoints, changes], [['default'], before?.resources.endpoints, []]);
  const held = engine.releases()[0]?.held;
  assert.deepEqual(
    held?.kept?.objects.map(({ object }) => object),
    [
      'Service default/a',
      'Service default/b',
      'EndpointSlice default/a-1',
      'EndpointSlice default/a-2',
      'EndpointSlice default/b-9',
      'Gateway default/gateway',
      'HTTPRoute default/a',
      'HTTPRoute default/b',
    ],
  );
  assert.deepEqual(
    engine.diagnostics().map(({ code }) => code),
    ['ChangeHeld'],
  );
  clock.advance(300_000);
  assert.deepEqual([engine.groups(), engine.snapshot('default'), changes, engine.diagnostics()], [[], undefined, [], []]);
  assert.deepEqual(news, ['switched', 'held', 'gone']);
});

test('a clock that is set neither lets go what is held nor keeps it longer', () => {
  const { clock, engine, sink } = start();
  sink.list(shop([1]));
  sink.list([]);
  clock.advance(20);
  const held = engine.releases()[0]?.held;
  for (const hours of [1, -2]) {
    clock.jump(hours * 3_600_000);
    clock.advance(1000);
    assert.deepEqual(engine.groups(), ['default']);
    assert.equal(engine.releases()[0]?.held?.since, clock.now() - clock.steady() + (held?.since ?? 0));
  }
  clock.advance(300_000);
  assert.deepEqual(engine.groups(), []);
});

test('slices that a list leaves out are held, those that come by an event are not', () => {
  const { engine, sink, changes, store } = start(['files', 'slices']);
  const objects = shop([1, 2]);
  const slices = objects.filter(({ kind }) => kind === 'EndpointSlice');
  sink.list(objects.filter(({ kind }) => kind !== 'EndpointSlice'));
  store.sink('slices').list(slices);
  changes.length = 0;
  store.sink('slices').list(slices.filter(({ name }) => name.startsWith('b')));
  assert.deepEqual([changes, engine.releases()[0]?.held?.kept?.endpoints.names], [[], ['default/a/80']]);
  store.sink('slices').change({ put: [sliceOf(objects, 2)], remove: [] });
  assert.deepEqual([changes, engine.releases()[0]?.held], [[{ endpoints: ['default/a/80'] }], undefined]);
});

test('what is rolled back to has the endpoints of today, and is kept while newer ones are built', async () => {
  const { clock, engine, sink, changes } = start();
  const objects = shop([1, 2]);
  sink.list(objects);
  const old = engine.snapshot('default');
  sink.change({ put: objectsOf(routeYaml('a', { b: 1 }, '/a')), remove: [] });
  clock.advance(20);
  const newer = engine.snapshot('default');
  assert.equal(newer?.resources.clusters.has('default/a/80'), false);
  const { kind, namespace, name } = sliceOf(objects, 1);
  sink.change({ put: [], remove: [{ kind, namespace, name }] });
  assert.deepEqual(await engine.commands.rollback('default', old?.revision ?? ''), { type: 'done', notes: [] });
  const back = engine.snapshot('default');
  assert.equal(back?.revision, old?.revision);
  assert.notEqual(back?.resources.endpoints.get('default/a/80')?.version, old?.resources.endpoints.get('default/a/80')?.version);
  changes.length = 0;
  sink.change({ put: [sliceOf(objects, 1)], remove: [] });
  assert.deepEqual(changes, [{ endpoints: ['default/a/80'] }], 'the lane knows what is served');
  assert.equal(engine.snapshot('default')?.resources.endpoints.get('default/a/80')?.version, old?.resources.endpoints.get('default/a/80')?.version);
  const service = { kind: 'Service', namespace: 'default', name: 'a' };
  sink.change({
    put: [],
    remove: [service, ...objects.filter(({ name }) => name.startsWith('a-')).map(({ kind, namespace, name }) => ({ kind, namespace, name }))],
  });
  clock.advance(20);
  assert.equal(
    engine.snapshot('default')?.resources.endpoints.get('default/a/80')?.version,
    old?.resources.endpoints.get('default/a/80')?.version,
    'known last',
  );
  assert.deepEqual([engine.releases()[0]?.held?.reason, engine.commands.confirm('default').type], ['pin', 'refused']);
  assert.equal(engine.commands.unpin('default').type, 'done');
  assert.equal(engine.snapshot('default')?.revision, newer?.revision);
});

/** What a server that had these objects keeps of its group, without values of secrets. */
function storedOf(objects: readonly Stored[]): LastServed {
  const { engine, sink } = start();
  sink.list(objects);
  const snapshot = engine.snapshot('default') ?? assert.fail('nothing is served');
  const { revision, resources } = snapshot;
  const record = { group: 'default', revision, at: 0, cause: [], moreCauses: 0, counts: { listeners: 1, routes: 1, clusters: 1, secrets: 1 } };
  const kept = { ...snapshot, resources: { ...resources, endpoints: new Map(), secrets: new Map() } };
  const missingSecrets = new Map([...resources.secrets].map(([name, { version }]) => [name, version]));
  return { release: { served: revision, at: 7 }, kept: { record, snapshot: kept, endpointOrigins: new Map(), missingSecrets }, endpoints: resources.endpoints };
}

test('when a source stays away, what was stored is served after the time of the setting, and never without it', () => {
  const objects = shop([1, 2]);
  const stored = [storedOf(objects)];
  const patient = start(['files', 'away'], { stored });
  patient.sink.list(objects);
  patient.clock.advance(3_600_000);
  assert.deepEqual(
    [patient.engine.snapshot('default'), patient.engine.snapshots.get('default', 'n'), patient.engine.servesStored()],
    [undefined, undefined, undefined],
  );

  const { engine, clock, sink, store, changes } = start(['files', 'away'], { stored, startFromStateMs: 30_000 });
  sink.list(objects);
  clock.advance(29_999);
  assert.equal(engine.snapshots.get('default', 'n'), undefined);
  clock.advance(1);
  assert.deepEqual([engine.isReady(), engine.servesStored()], [false, { storedAt: 7 }]);
  assert.deepEqual(engine.snapshots.get('default', 'n')?.resources.endpoints, stored[0]?.endpoints);
  changes.length = 0;
  store.sink('away').list([]);
  assert.deepEqual([engine.isReady(), engine.servesStored(), changes], [true, undefined, []]);
});

test('a start is judged by what was stored: what is missing then is held', () => {
  const { engine, sink } = start(['files'], { stored: [storedOf(shop([1, 2]))] });
  sink.list([]);
  assert.deepEqual([engine.releases()[0]?.held?.reason, engine.snapshot('default')?.resources.listeners.size], ['bulk', 1]);
});

test('a stored revision whose secrets were not stored says so, until their source is there', async () => {
  const objects = objectsOf([secureGatewayYaml, routeYaml('a', { a: 1 }), serviceYaml('a', [1]), await tlsSecretYaml('shop', ['shop.example'])].join('\n---'));
  const { engine, clock, sink } = start(['files'], { stored: [storedOf(objects)], startFromStateMs: 0 });
  clock.advance(0);
  const told = () => engine.diagnostics().filter(({ code }) => code === 'SecretNotStored');
  assert.deepEqual(told().length, 1);
  assert.match(told()[0]?.message ?? '', /needs the secret default\/shop, which is not there/);
  sink.list(objects);
  assert.deepEqual(told(), []);
});

test('the certificate that Sluice makes itself is never missing, neither after a start nor after a rollback', () => {
  const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a}
spec: {rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}`;
  const last = storedOf(objectsOf([ingress, serviceYaml('a', [1])].join('\n---')));
  const ownCertificate = { certificate: 'made', key: 'made' };
  const { engine, clock } = start(['files'], { stored: [last], startFromStateMs: 0, ownCertificate });
  clock.advance(0);
  const codes = (): readonly string[] => engine.diagnostics().map(({ code }) => code);
  assert.deepEqual([codes().includes('SecretNotStored'), engine.snapshot('default')?.resources.secrets.has(ownCertificateName)], [false, true]);
  const { snapshot, endpointOrigins } = last.kept;
  const today = {
    view: createStore([]).view,
    weigh: (_origin: EndpointOrigin, set: EndpointSet) => set,
    ownCertificate: secretResource(ownCertificateSecret(ownCertificate)),
  };
  assert.deepEqual(missingSecrets({ snapshot, endpointOrigins }).toSorted(), [ownCertificateName, sessionKeysName]);
  assert.deepEqual(missingSecrets(renewed({ snapshot, endpointOrigins }, undefined, today)), []);
});

test('what cannot be done is refused in words', async () => {
  const { engine, sink } = start();
  sink.list(shop([1]));
  const { confirm, discard, pin, unpin, rollback } = engine.commands;
  const outcomes = [confirm('default'), discard('default'), unpin('default'), pin('no', 'x'), await rollback('default', 'no'), confirm('no')];
  assert.deepEqual(
    outcomes.map((outcome) => outcome.type === 'refused' && outcome.why),
    [
      'nothing of group default is held',
      'nothing of group default is held',
      'group default is not pinned',
      'group no does not exist',
      'the content of revision no of group default is not kept any more',
      'group no does not exist',
    ],
  );
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

test('a share goes before its last endpoint and comes back after its first, in no other revision', () => {
  const { engine, sink, builds, changes, clock } = start();
  const objects = objectsOf([gatewayYaml, routeYaml('shop', { b: 90, a: 10 }), serviceYaml('a', [1]), serviceYaml('b', [9])].join('\n---'));
  sink.list(objects);
  const slice = sliceOf(objects, 1);
  const before = engine.snapshot('default');
  const endpoints = { endpoints: ['default/a/80'] };
  const routes = { routes: ['default/80'] };
  changes.length = 0;
  sink.change({ put: [], remove: [slice] });
  const without = engine.snapshot('default');
  assert.notEqual(without?.resources.routes.get('default/80')?.version, before?.resources.routes.get('default/80')?.version);
  assert.equal(engine.written('default')?.resources.routes, before?.resources.routes);
  assert.deepEqual([without?.revision, builds.length, changes], [before?.revision, 1, [routes]]);
  clock.advance(100);
  assert.deepEqual(changes, [routes, endpoints]);
  assert.equal(engine.snapshots.get('default', 'anybody'), without);
  assert.deepEqual(
    engine.diagnostics().map(({ code }) => code),
    ['NoEndpoints', 'ShareWithoutEndpoints'],
  );
  changes.length = 0;
  sink.change({ put: [slice], remove: [] });
  assert.equal(engine.snapshot('default')?.resources.routes.get('default/80')?.version, before?.resources.routes.get('default/80')?.version);
  clock.advance(1000);
  assert.deepEqual(changes, [{ ...endpoints, ...routes }]);
  assert.equal(engine.releases()[0]?.served, before?.revision);
});

test('what else happens before the last endpoint of a share is gone does not wait, nor hurry it', () => {
  const { sink, changes, clock, engine } = start();
  const objects = objectsOf([gatewayYaml, routeYaml('shop', { b: 90, a: 10 }), serviceYaml('a', [1]), serviceYaml('b', [9, 8])].join('\n---'));
  sink.list(objects);
  changes.length = 0;
  sink.change({ put: [], remove: [sliceOf(objects, 1)] });
  clock.advance(10);
  sink.change({ put: [], remove: [objects.find(({ name }) => name === 'b-8') ?? assert.fail()] });
  assert.deepEqual(changes, [{ routes: ['default/80'] }, { endpoints: ['default/b/80'] }]);
  clock.advance(90);
  assert.deepEqual(changes.slice(2), [{ endpoints: ['default/a/80'] }]);
  assert.equal(engine.snapshots.get('default', 'anybody'), engine.snapshot('default'));
  clock.advance(1000);
  assert.equal(changes.length, 3);
});
