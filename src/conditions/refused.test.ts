import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../../test/fake/objects.ts';
import { diagnostic } from '../diagnostic.ts';
import { storeViewOf } from '../store/store.ts';
import { refusedObjects, saidOfRefused } from './refused.ts';

const { view } = storeViewOf(
  objectsOf(`apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: sluice}
spec: {controllerName: gateway.sluice.dev/controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: other}
spec: {controllerName: example.com/other}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ours}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: theirs}
spec: {gatewayClassName: other, listeners: [{name: http, port: 80, protocol: HTTP}]}
`),
);
const fault = (object: string, file?: string) => diagnostic('InvalidField', { object, ...(file !== undefined && { file }) }, 'It is wrong.', 'Mend it.');

test('objects of the cluster that are there in no form are found, each once', () => {
  const diagnostics = [
    fault('HTTPRoute shop/a'),
    fault('HTTPRoute shop/a'),
    fault('HTTPRoute shop/b', 'b.yaml'),
    fault('Gateway default/ours'),
    fault('Service shop/a'),
    fault('Gateway default/new'),
  ];
  assert.deepEqual(
    refusedObjects({ view, diagnostics }).map(({ kind, namespace, name, faults }) => [kind, namespace, name, faults.length]),
    [
      ['HTTPRoute', 'shop', 'a', 2],
      ['Gateway', 'default', 'new', 1],
    ],
  );
});

test('a route that is not valid says so for its Gateways of ours, whatever else is in its references', () => {
  const refused = { kind: 'HTTPRoute', faults: [fault('HTTPRoute default/a')] } as const;
  const parentRefs = [{ name: 'ours' }, { name: 'theirs' }, { name: 'ours', namespace: 'shop' }, { kind: 'Service', group: '', name: 'ours' }];
  const said = saidOfRefused(refused, { metadata: { namespace: 'default', generation: 3 }, spec: { parentRefs } }, view);
  assert.deepEqual(said?.type === 'parents' && said.entries.map(({ parentRef, conditions }) => [parentRef, conditions]), [
    [{ name: 'ours' }, [{ type: 'Accepted', status: 'False', reason: 'UnsupportedValue', message: 'It is wrong. Mend it.', observedGeneration: 3 }]],
  ]);
  for (const spec of [{}, { parentRefs: 'no' }, { parentRefs: [{ name: 'theirs' }] }])
    assert.equal(saidOfRefused(refused, { metadata: {}, spec }, view), undefined);
});

test('a Gateway that is not valid says so where its class is ours', () => {
  const refused = { kind: 'Gateway', faults: [fault('Gateway default/new')] } as const;
  const reasons = (gatewayClassName: unknown) => {
    const said = saidOfRefused(refused, { metadata: {}, spec: { gatewayClassName } }, view);
    return said?.type === 'conditions' ? said.conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`) : said;
  };
  assert.deepEqual(['sluice', 'other', 'unknown', 7].map(reasons), [['Accepted False Invalid', 'Programmed False Invalid'], undefined, undefined, undefined]);
});
