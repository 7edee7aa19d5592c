import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import { places, routeLines } from '../../test/fake/translation.ts';
import { defaultSettings } from '../settings.ts';
import { translate } from './translate.ts';

const yaml = `
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: web}, spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{name: http, port: 80}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: shop-1, labels: {kubernetes.io/service-name: shop}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints: [{addresses: [10.0.0.1]}]
---
{apiVersion: gateway.sluice.dev/v1alpha1, kind: Sidecar, metadata: {name: shop}, spec: {service: shop}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: web}, {group: "", kind: Service, name: shop}]
  rules: [{backendRefs: [{name: shop, port: 80}, {name: nowhere, port: 80}]}]
`;

test('translate: a route of a Gateway and of a Service is served in both groups, what is wrong with it is said once', () => {
  const { groups, diagnostics } = translate(fakeView(objectsOf(yaml)), defaultSettings);
  assert.deepEqual([...groups.keys()].toSorted(), ['default', 'sidecar/default/shop']);
  assert.deepEqual(places(diagnostics), ['BackendNotFound HTTPRoute default/shop spec.rules.0.backendRefs.1']);
  const split = '/* -> default/shop/80 1, 500 1';
  for (const group of groups.values())
    assert.ok(
      routeLines([group]).some((line) => line.endsWith(split)),
      group.name,
    );
  for (const group of groups.values()) assert.equal(group.backends.filter(({ name }) => name === 'default/shop/80').length, 1, group.name);
});

test('translate: the same objects mean the same, whatever order they come in', () => {
  const objects = objectsOf(yaml);
  const plain = (list: typeof objects) =>
    JSON.stringify([...translate(fakeView(list), defaultSettings).groups.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  assert.equal(plain(objects.toReversed()), plain(objects));
});
