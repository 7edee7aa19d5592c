import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveObjects } from './live-objects.ts';

const id = 'HTTPRoute/shop/cart';
const resource = { apiVersion: 'gateway.networking.k8s.io/v1', plural: 'httproutes' };
const raw = (resourceVersion: string, status: object) => ({
  metadata: { name: 'cart', namespace: 'shop', uid: 'u', resourceVersion, generation: 2, labels: { a: 'b' }, managedFields: [{}] },
  spec: { parentRefs: [{ name: 'shop' }] },
  status,
});

test('an object is kept with its status and where it is, and with its spec only where it is not valid', () => {
  const live = createLiveObjects(new Set(['HTTPRoute']));
  live.tell(id, 'HTTPRoute', resource, raw('1', { parents: [] }), true);
  const wanted = {
    path: '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/cart',
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'cart', namespace: 'shop', uid: 'u', resourceVersion: '1', generation: 2 },
    status: { parents: [] },
  };
  assert.deepEqual(live.get(id), wanted);
  live.tell(id, 'HTTPRoute', resource, raw('1', { parents: [] }), false);
  assert.deepEqual(live.get(id), { ...wanted, spec: { parentRefs: [{ name: 'shop' }] } });
  live.tell('GatewayClass//sluice', 'GatewayClass', { ...resource, plural: 'gatewayclasses' }, { metadata: { name: 'sluice', uid: 'c' } }, true);
  assert.equal(live.get('GatewayClass//sluice')?.path, '/apis/gateway.networking.k8s.io/v1/gatewayclasses/sluice');
});

test('an answer counts unless something newer was told, or the object is gone', () => {
  const live = createLiveObjects(new Set(['HTTPRoute']));
  const version = (): string | undefined => live.get(id)?.metadata.resourceVersion;
  live.tell(id, 'HTTPRoute', resource, raw('1', {}), true);
  live.answered(id, '1', raw('2', { parents: [] }));
  assert.deepEqual([version(), live.get(id)?.status], ['2', { parents: [] }]);
  live.tell(id, 'HTTPRoute', resource, raw('4', {}), true);
  live.answered(id, '2', raw('3', {}));
  assert.equal(version(), '4');
  live.gone(id);
  live.answered(id, '4', raw('5', {}));
  assert.deepEqual([version(), [...live.ids()]], [undefined, []]);
});
