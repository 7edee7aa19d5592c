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

const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}`;
const route = (name: string, path: string, namespace: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: edge}]
  hostnames: [${name}.example.com]
  rules: [{matches: [{path: {type: PathPrefix, value: ${path}}}], backendRefs: [{name: ${name}, namespace: ${namespace}, port: 80}]}]`;
const grant = `
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: other}
spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}], to: [{group: "", kind: Service}]}`;

test('the next build makes anew only the routes whose object, or what it asks for, changed', () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  const service = (name: string, namespace: string): string =>
    `\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {ports: [{port: 80}]}`;
  /** The virtual hosts of `a` and `b`, and what becomes of requests for `a`. */
  const look = () => {
    const { groups, snapshots } = build(store.view, defaultSettings);
    const hosts = groups.get('default')?.routeConfigurations[0]?.virtualHosts ?? [];
    const [a, b] = ['a.example.com', 'b.example.com'].map((name) => hosts.find((host) => host.name === name));
    return { a, b, action: a?.routes[0]?.action.type, version: snapshots.get('default')?.resources.routes.get('default/80')?.version };
  };
  sink.list(objectsOf([gateway, route('a', '/', 'other'), route('b', '/', 'default'), grant, service('a', 'other'), service('b', 'default')].join('\n---')));
  const first = look();
  assert.equal(first.action, 'forward');

  sink.change({ put: objectsOf(route('b', '/new', 'default')), remove: [] });
  const second = look();
  assert.equal(second.a, first.a);
  assert.notEqual(second.b, first.b);
  assert.notEqual(second.version, first.version);

  for (const [kind, name, text] of [
    ['Service', 'a', service('a', 'other')],
    ['ReferenceGrant', 'g', grant],
  ] as const) {
    sink.change({ put: [], remove: [{ kind, namespace: 'other', name }] });
    assert.deepEqual([look().action, look().b], ['respond', second.b], kind);
    sink.change({ put: objectsOf(text), remove: [] });
    assert.deepEqual([look().action, look().version], ['forward', second.version], kind);
  }

  const moved = gateway.replace('protocol: HTTP', 'protocol: HTTP, hostname: a.example.com');
  sink.change({ put: objectsOf(moved), remove: [] });
  assert.notEqual(look().a, first.a);
});

test('a host name is translated anew where a ConfigMap changed that a setting names', () => {
  const settingsOfNginx = `
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: {proxy-set-headers: default/more}`;
  const more = (value: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: more}
data: {X-Site: ${value}}`;
  const store = createStore(['files']);
  const sink = store.sink('files');
  const routes = () => build(store.view, defaultSettings).snapshots.get('default')?.resources.routes.get('default/80')?.bytes ?? Buffer.alloc(0);
  sink.list(objectsOf([service('a'), service('b'), ingress, settingsOfNginx, more('first')].join('\n---')));
  assert.ok(Buffer.from(routes()).includes('first'));

  sink.change({ put: objectsOf(more('second')), remove: [] });
  assert.ok(Buffer.from(routes()).includes('second'));
});
