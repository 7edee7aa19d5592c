import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { objectsOf } from '../../test/fake/objects.ts';
import { createStore, type StoreChange, storeViewOf } from './store.ts';
import type { Stored } from './stored.ts';
import { validate } from './validate.ts';

/** A valid object of few words. @param order stands for its place: smaller is older. */
function object(kind: 'Service' | 'EndpointSlice' | 'Namespace', name: string, order = '0', labels: Record<string, string> = {}): Stored {
  const rest = {
    Service: { apiVersion: 'v1', spec: { ports: [{ port: 80 }] } },
    EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', addressType: 'IPv4' },
    Namespace: { apiVersion: 'v1' },
  }[kind];
  const value = { kind, metadata: { name, labels }, ...rest };
  const [result] = validate(value, { origin: (_path, known) => ({ ...known, file: `${order}.yaml` }), order });
  assert.ok(result?.stored);
  return result.stored;
}

const sliceOf = (service: string, name: string, order = '0') => object('EndpointSlice', name, order, { 'kubernetes.io/service-name': service });
const keyOf = ({ kind, namespace, name }: Stored) => ({ kind, namespace, name });

test('objects are found by kind, namespace and name, and listed oldest first', () => {
  const [a, b, c] = [object('Service', 'a', '2'), object('Service', 'b', '1'), object('Namespace', 'default')];
  const { view, diagnostics } = storeViewOf([a, b, c]);
  assert.equal(view.get('Service', 'default', 'a'), a);
  assert.equal(view.get('Service', 'other', 'a'), undefined);
  assert.equal(view.get('Namespace', '', 'default'), c);
  assert.deepEqual(view.list('Service'), [b, a]);
  assert.deepEqual(view.list('Gateway'), []);
  assert.deepEqual(diagnostics, []);
});

test('a frozen view stays as it was, and the objects go on', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  const [a, b, old, young] = [object('Service', 'a'), object('Service', 'b'), sliceOf('a', 'x'), sliceOf('a', 'y')];
  sink.list([a, old]);
  const frozen = store.frozen();
  sink.change({ put: [b, young], remove: [keyOf(a)] });
  assert.deepEqual([frozen.list('Service'), frozen.get('Service', 'default', 'b'), frozen.endpointSlices('default', 'a')], [[a], undefined, [old]]);
  assert.deepEqual([store.view.list('Service'), store.view.get('Service', 'default', 'a')], [[b], undefined]);
  assert.equal(store.view.endpointSlices('default', 'a').length, 2);
  assert.equal(store.frozen().list('Service'), store.view.list('Service'));
});

test('a list is the same array until an object of its kind changes', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  sink.list([object('Service', 'a')]);
  const before = store.view.list('Service');
  sink.change({ put: [object('Namespace', 'n')], remove: [] });
  assert.equal(store.view.list('Service'), before);
  sink.change({ put: [object('Service', 'b')], remove: [] });
  assert.notEqual(store.view.list('Service'), before);
});

test('slices are found by their Service, also when they change it', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  const [one, two] = [sliceOf('shop', 's1', '2'), sliceOf('shop', 's2', '1')];
  sink.list([one, two]);
  assert.deepEqual(store.view.endpointSlices('default', 'shop'), [two, one]);
  assert.equal(store.view.endpointSlices('default', 'shop'), store.view.endpointSlices('default', 'shop'), 'nothing changed: the same array');
  const moved = sliceOf('cart', 's1');
  sink.change({ put: [moved], remove: [] });
  assert.deepEqual(store.view.endpointSlices('default', 'shop'), [two]);
  assert.deepEqual(store.view.endpointSlices('default', 'cart'), [moved]);
  sink.change({ put: [], remove: [keyOf(moved)] });
  assert.deepEqual(store.view.endpointSlices('default', 'cart'), []);
});

test('it is ready when every source has listed, which is told even where nothing came', () => {
  const store = createStore(['a', 'b']);
  const told: number[] = [];
  store.subscribe((changes) => told.push(changes.length));
  assert.equal(store.isReady(), false);
  store.sink('a').list([object('Service', 's')]);
  assert.deepEqual(
    [store.isReady(), store.sources()],
    [
      false,
      [
        { name: 'a', ready: true, objects: 1 },
        { name: 'b', ready: false, objects: 0 },
      ],
    ],
  );
  store.sink('b').list([]);
  assert.deepEqual([store.isReady(), told], [true, [1, 0]]);
});

test('a store without sources is ready; an unknown source is a bug', () => {
  assert.equal(createStore([]).isReady(), true);
  assert.throws(() => createStore([]).sink('x'), /no source x/);
});

test('changes are told with what was and what is, and only where something changed', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  const [a, a2, b] = [object('Service', 'a'), object('Service', 'a'), object('Service', 'b')];
  sink.list([a]);
  const told: (readonly StoreChange[])[] = [];
  const end = store.subscribe((changes) => told.push(changes));
  sink.change({ put: [a], remove: [] });
  sink.change({ put: [a2, b], remove: [] });
  sink.list([b]);
  end();
  sink.list([]);
  assert.deepEqual(told, [
    [
      { ...keyOf(a), before: a, after: a2 },
      { ...keyOf(b), after: b },
    ],
    [{ ...keyOf(a), before: a2 }],
  ]);
});

test('a list, and a change that its source calls so, is told as bulk', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  const told: boolean[] = [];
  store.subscribe((_changes, isBulk) => told.push(isBulk));
  const [a, b] = [object('Service', 'a'), object('Service', 'b')];
  sink.list([a, b]);
  sink.change({ put: [], remove: [keyOf(b)] });
  sink.change({ put: [b], remove: [keyOf(a)], isBulk: true });
  sink.list([]);
  assert.deepEqual(told, [true, false, true, true]);
});

test('an object that two sources have is taken from the first, and from the second when that lets it go', () => {
  const store = createStore(['a', 'b']);
  const [first, second] = [object('Service', 's', '9'), object('Service', 's', '1')];
  store.sink('b').list([second]);
  assert.equal(store.view.get('Service', 'default', 's'), second);
  store.sink('a').list([first]);
  assert.equal(store.view.get('Service', 'default', 's'), first);
  assert.deepEqual(
    store.diagnostics().map(({ code, at }) => [code, at.file]),
    [['DuplicateObject', '1.yaml']],
  );
  store.sink('a').change({ put: [], remove: [keyOf(first)] });
  assert.equal(store.view.get('Service', 'default', 's'), second);
  assert.deepEqual(store.diagnostics(), []);
});

test('of an object that a source has twice the older place holds', () => {
  const [old, young] = [object('Service', 's', '1'), object('Service', 's', '2')];
  const { view, diagnostics } = storeViewOf([young, old]);
  assert.equal(view.get('Service', 'default', 's'), old);
  assert.match(diagnostics[0]?.message ?? '', /Service default\/s is written twice; the one at 1.yaml is used/);
  assert.equal(diagnostics[0]?.at.file, '2.yaml');
});

test('diagnostics of a source replace those told before', () => {
  const store = createStore(['a']);
  const sink = store.sink('a');
  sink.diagnostics([{ code: 'UnreadableYaml', severity: 'error', message: 'x', at: { file: 'f' } }]);
  assert.equal(store.diagnostics().length, 1);
  sink.diagnostics([]);
  assert.equal(store.diagnostics().length, 0);
});

test('a Secret that was good and is good for nothing now keeps its last good form, until it is mended or deleted', async () => {
  const pair = async () => selfSigned(['shop.example'], Date.now());
  const [first, second] = [await pair(), await pair()];
  const store = createStore(['files']);
  const sink = store.sink('files');
  const put = (certificate: string, key: string) => sink.change({ put: objectsOf(tlsSecret('shop', { certificate, key })), remove: [] });
  const held = () => store.view.get('Secret', 'default', 'shop')?.object.data?.['tls.crt'];
  const codes = () => store.diagnostics().map(({ code, at }) => `${code} ${at.field}`);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  sink.list([]);

  put(first.certificate, first.key);
  put(second.certificate, first.key);
  assert.deepEqual([held(), codes()], [base64(first.certificate), ['InvalidForm data.tls.key']]);
  put(second.certificate, second.key);
  assert.deepEqual([held(), codes()], [base64(second.certificate), []]);
  put('nothing', second.key);
  sink.change({ put: [], remove: [{ kind: 'Secret', namespace: 'default', name: 'shop' }] });
  assert.deepEqual([held(), codes()], [undefined, []]);
  put('nothing', second.key);
  assert.deepEqual([held(), codes()], [base64('nothing'), []], 'what never was good is told where it is used');
});
