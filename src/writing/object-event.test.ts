import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf, routeAndClass } from '../../test/fake/objects.ts';
import { diagnostic } from '../diagnostic.ts';
import { isThere, objectEvents } from './object-event.ts';

const objects = objectsOf(`${routeAndClass}
---
apiVersion: v1
kind: Service
metadata: {name: of-a-folder}
spec: {ports: [{port: 80}]}
`);
const view = fakeView(objects);
const route = 'HTTPRoute billing/shop';

test('a diagnostic about an object of the cluster is told with what to do and where', () => {
  const [event, ...others] = objectEvents(
    [diagnostic('BackendNotFound', { object: route, field: 'spec.rules[0]' }, 'There is no Service a.', 'Make it.')],
    view,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(event, {
    id: event?.id,
    regarding: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', namespace: 'billing', name: 'shop', uid: 'uid-1' },
    type: 'Warning',
    reason: 'BackendNotFound',
    note: 'There is no Service a. Make it. (spec.rules[0])',
  });
});

test('what is information is Normal; an object without namespace has none', () => {
  const [event] = objectEvents([diagnostic('NoEndpoints', { object: 'GatewayClass sluice' }, 'Text.')], view);
  assert.deepEqual([event?.type, event?.note, event?.regarding.namespace], ['Normal', 'Text.', undefined]);
});

test('what is in no cluster, belongs to others, or is said twice, is not told', () => {
  const said = diagnostic('NoEndpoints', { object: route }, 'Text.');
  const events = objectEvents(
    [
      said,
      said,
      diagnostic('NoEndpoints', { object: 'Service default/of-a-folder' }, 'It has no uid.'),
      diagnostic('NoEndpoints', { object: route, file: 'a.yaml', line: 3 }, 'It is in a file.'),
      diagnostic('NoEndpoints', { object: 'HTTPRoute billing/gone' }, 'It is gone.'),
      diagnostic('KindMissing', { object: 'HTTPRoute' }, 'A kind.'),
      diagnostic('FileUnreadable', {}, 'No object.'),
      diagnostic('ClassForeign', { object: route }, 'Another controller has it.'),
    ],
    view,
  );
  assert.deepEqual(
    events.map(({ note }) => note),
    ['Text.'],
  );
});

test('another object of the same name, and other words, are another Event', () => {
  const again = fakeView(
    objectsOf('apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: shop, namespace: billing, uid: uid-9}\nspec: {}\n'),
  );
  const of = (message: string, inView = view) => objectEvents([diagnostic('NoEndpoints', { object: route }, message)], inView)[0];
  const first = of('Text.') ?? assert.fail();
  assert.equal(of('Text.')?.id, first.id);
  assert.notEqual(of('Text.', again)?.id, first.id);
  assert.notEqual(of('Other.')?.id, first.id);
  assert.deepEqual([isThere(first.regarding, view), isThere(first.regarding, again)], [true, false]);
});

test('long words of Envoy are cut to what an API server takes, by whole characters, and what to do stays', () => {
  const noteOf = (message: string, remedy: string) =>
    objectEvents([diagnostic('RefusedByEnvoy', { object: route, field: 'spec' }, message, remedy)], view)[0]?.note ?? '';
  for (const length of [900, 1000, 1010, 1011, 1012, 1013, 1014, 1030, 5000]) {
    const note = noteOf('€'.repeat(length), 'Do this.');
    assert.ok(Buffer.byteLength(note) <= 1024, `${Buffer.byteLength(note)} bytes`);
    assert.match(note, /^€+… Do this\. \(spec\)$/);
  }
  const note = noteOf('Text.', 'x'.repeat(3000));
  assert.ok(Buffer.byteLength(note) <= 1024);
  assert.match(note, /^Text\. x+…$/);
});
