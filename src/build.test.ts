import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../test/fake/objects.ts';
import { build } from './build.ts';
import { defaultSettings } from './settings.ts';
import { createStore } from './store/store.ts';

const service = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{port: 80}]}`;
const slice = (service: string, address: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${service}, labels: {kubernetes.io/service-name: ${service}}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [${address}]}]`;
const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - http:
        paths:
          - {path: /a, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}
          - {path: /b, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}`;

const policy = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: a}
spec:
  targetRefs: [{group: "", kind: Service, name: a}]
  panicThresholdPercent: 10`;

test('a cluster is made anew where its Service or its policy changed', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  const clusters = () => build(store.view, defaultSettings).snapshots.get('default')?.resources.clusters;
  sink.list(objectsOf([service('a'), service('b'), ingress].join('\n---')));
  const before = clusters();
  assert.equal(before?.size, 2);

  sink.change({ put: objectsOf(policy), remove: [] });
  const governed = clusters();
  assert.notEqual(governed?.get('default/a/80')?.version, before.get('default/a/80')?.version);
  assert.equal(governed?.get('default/b/80'), before.get('default/b/80'));

  sink.change({ put: [], remove: [{ kind: 'BackendPolicy', namespace: 'default', name: 'a' }] });
  assert.equal(clusters()?.get('default/a/80')?.version, before.get('default/a/80')?.version);

  sink.change({ put: objectsOf(service('b').replace('port: 80', 'port: 80, appProtocol: grpc')), remove: [] });
  assert.notEqual(clusters()?.get('default/b/80')?.version, before.get('default/b/80')?.version);
});

test('the next build makes anew only the endpoints whose slices changed', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  const endpoints = () => build(store.view, defaultSettings).snapshots.get('default')?.resources.endpoints;
  sink.list(objectsOf([service('a'), service('b'), slice('a', '10.0.0.1'), slice('b', '10.0.0.2'), ingress].join('\n---')));
  const before = endpoints();
  assert.equal(before?.size, 2);

  sink.change({ put: objectsOf(slice('b', '10.0.0.3')), remove: [] });
  const after = endpoints();
  assert.equal(after?.get('default/a/80'), before.get('default/a/80'));
  assert.notEqual(after?.get('default/b/80')?.version, before.get('default/b/80')?.version);
});
