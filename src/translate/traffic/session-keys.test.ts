import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../../../test/fake/objects.ts';
import { build } from '../../build.ts';
import { sessionKeysName } from '../../ir/names.ts';
import { sessionKeysIn } from '../../ir/session-keys.ts';
import { defaultSettings } from '../../settings.ts';
import { storeViewOf } from '../../store/store.ts';

const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]}`;

const shopIn = (namespace: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: ${namespace}}
spec:
  hostnames: [${namespace}.test]
  parentRefs: [{name: edge, namespace: default}]
  rules: [{sessionPersistence: {sessionName: session}, backendRefs: [{name: shop, port: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: ${namespace}}
spec: {ports: [{port: 80}]}`;

const secretIn = (namespace: string): string => `
apiVersion: v1
kind: Secret
metadata: {name: sluice-session, namespace: ${namespace}}
stringData: {key: 6f2d6c1f0a4b4d0e9f3a}`;

function sessionsOf(documents: readonly string[]) {
  const { view } = storeViewOf(objectsOf(documents.join('\n---')));
  const { groups, diagnostics } = build(view, defaultSettings);
  const secret = groups.get('default')?.secrets.find(({ name }) => name === sessionKeysName);
  const refused = diagnostics.filter(({ code }) => code === 'SessionsNotKept').map(({ at }) => at.object);
  return { namespaces: [...sessionKeysIn(secret?.type === 'generic' ? secret.text : '').keys()], refused, text: secret?.type === 'generic' ? secret.text : '' };
}

test('as many namespaces as have room have sessions, and no further one without a word', () => {
  const names = Array.from({ length: 258 }, (_, index) => `team-${String(index).padStart(3, '0')}`);
  const all = sessionsOf([gateway, ...names.map(shopIn)]);
  assert.deepEqual(all.namespaces, names.slice(0, 256));
  assert.deepEqual(all.refused, ['HTTPRoute team-256/shop', 'HTTPRoute team-257/shop']);
  assert.ok(all.text.length <= 256 * 100);

  const preferred = sessionsOf([gateway, ...names.map(shopIn), secretIn('team-257')]);
  assert.deepEqual(preferred.namespaces, [...names.slice(0, 255), 'team-257'], 'one with a Secret of its own comes first');
  assert.deepEqual(preferred.refused, ['HTTPRoute team-255/shop', 'HTTPRoute team-256/shop']);

  assert.deepEqual(sessionsOf([gateway, ...names.slice(0, 256).map(shopIn)]).refused, []);
});
