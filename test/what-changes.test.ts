import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../src/build.ts';
import type { Snapshot } from '../src/resource.ts';
import { changeBetween } from '../src/revision/revision.ts';
import { defaultSettings } from '../src/settings.ts';
import { storeViewOf } from '../src/store/store.ts';
import { tlsSecretYaml } from './e2e/certificate.ts';
import { objectsOf } from './fake/objects.ts';

const [certificate, renewed, other] = await Promise.all([
  tlsSecretYaml('shop', ['shop.test']),
  tlsSecretYaml('shop', ['shop.test']),
  tlsSecretYaml('other', ['other.test']),
]);

/** A shop with a bit of everything. */
const shop = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: http, port: 80, protocol: HTTP}
    - {name: https, port: 443, protocol: HTTPS, hostname: shop.test, tls: {certificateRefs: [{name: shop}]}}
---${certificate}
---${other}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [shop.test]
  rules:
    - name: cart
      matches: [{path: {type: PathPrefix, value: /cart}}]
      backendRefs: [{name: cart, port: 80}]
    - name: rest
      backendRefs: [{name: v1, port: 80, weight: 90}, {name: v2, port: 80, weight: 10}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: prices}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [prices.test]
  rules: [{backendRefs: [{name: prices, port: 9000}]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: old}
spec:
  rules: [{host: old.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: v1, port: {name: http}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: stays}
spec:
  rules: [{host: stays.test, http: {paths: [{path: /, pathType: Exact, backend: {service: {name: v1, port: {name: http}}}}]}}]
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: v1}
spec:
  targetRefs: [{group: "", kind: Service, name: v1}]
  slowStart: {mode: Envoy, window: 30s}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: shop}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  retries: {count: 2}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: machines}
spec: {endpoints: [{address: 192.0.2.91, zone: a}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: machines}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [machines.test]
  rules: [{backendRefs: [{group: gateway.sluice.dev, kind: Backend, name: machines, port: 8080}]}]
---${service('cart', 80, 1)}
---${service('v1', 80, 2)}
---${service('v2', 80, 3)}
---${service('prices', 9000, 4)}
`;

function service(name: string, port: number, host: number): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: ${port}, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints: [{addresses: [192.0.2.${host}], zone: a}]`;
}

type Edit = readonly [from: string | RegExp, to: string];

const rule = (name: string): RegExp => new RegExp(` {4}- name: ${name}\n(.*\n){1,2}`);
const rulesReordered: Edit = [/( {4}- name: cart\n.*\n.*\n)( {4}- name: rest\n.*\n)/, '$2$1'];
const listenerOfOther = '    - {name: other, port: 443, protocol: HTTPS, hostname: other.test, tls: {certificateRefs: [{name: other}]}}';
const routeOfCheap = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cheap}
spec: {parentRefs: [{name: gateway}], hostnames: [cheap.test], rules: [{backendRefs: [{name: v1, port: 80}]}]}`;

/** What a person or a cluster does, and the types of resource that it changes. A change of `clusters` stands here only where the way to a backend is another one. */
const edits: readonly (readonly [what: string, edit: Edit | readonly Edit[], changed: string])[] = [
  ['an endpoint is added', [/endpoints: \[\{addresses: \[192.0.2.2\]/, 'endpoints: [{addresses: [192.0.2.22]}, {addresses: [192.0.2.2]'], 'endpoints'],
  ['an endpoint is gone', [/endpoints: .*192.0.2.3.*/, 'endpoints: []'], 'endpoints'],
  ['an endpoint is not ready', ['addresses: [192.0.2.1]', 'addresses: [192.0.2.1], conditions: {ready: false}'], 'endpoints'],
  ['an endpoint ends', ['addresses: [192.0.2.1]', 'addresses: [192.0.2.1], conditions: {ready: false, serving: true, terminating: true}'], 'endpoints'],
  ['an endpoint is in another zone', ['addresses: [192.0.2.2], zone: a', 'addresses: [192.0.2.2], zone: b'], 'endpoints'],
  ['the port of the pods is another', [/(name: v2, labels.*\naddressType: IPv4\nports: \[\{name: http, port: )8080/, '$18081'], 'endpoints'],
  ['a machine is added', ['{address: 192.0.2.91, zone: a}', '{address: 192.0.2.91, zone: a}, {address: 192.0.2.92, weight: 3}'], 'endpoints'],
  ['a weight is changed', ['weight: 90', 'weight: 80'], 'routes'],
  ['a weight is 0', ['weight: 10', 'weight: 0'], 'routes'],
  ['a version is a header away', ['backendRefs: [{name: v1', 'matches: [{headers: [{name: x, value: y}]}]\n      backendRefs: [{name: v1'], 'routes'],
  ['rules are reordered', rulesReordered, ''],
  ['a rule is renamed', ['name: cart\n      matches', 'name: basket\n      matches'], 'routes'],
  ['a rule is removed', [rule('cart'), ''], 'clusters endpoints routes'],
  [
    'a rule is moved to another object',
    [
      [rule('cart'), ''],
      [
        /$/,
        `---${routeOfCheap.replace('cheap', 'cart').replace('hostnames: [cheap.test]', 'hostnames: [shop.test]').replace('rules: [{', 'rules: [{name: cart, matches: [{path: {value: /cart}}], ').replace('name: v1', 'name: cart')}`,
      ],
    ],
    'routes',
  ],
  ['a route is renamed', ['kind: HTTPRoute\nmetadata: {name: shop}', 'kind: HTTPRoute\nmetadata: {name: store}'], 'routes'],
  ['a time-out is set', ['name: cart\n      matches', 'name: cart\n      timeouts: {request: 3s}\n      matches'], 'routes'],
  [
    'a header is set',
    [
      'name: cart\n      matches',
      'name: cart\n      filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}]\n      matches',
    ],
    'routes',
  ],
  ['CORS is switched on', ['name: cart\n      matches', 'name: cart\n      filters: [{type: CORS, cors: {allowOrigins: ["*"]}}]\n      matches'], 'routes'],
  [
    'a rule redirects',
    [/(name: cart\n.*\n).*\n/, '$1      filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]\n'],
    'clusters endpoints routes',
  ],
  ['retries are another', ['retries: {count: 2}', 'retries: {count: 5, onIdempotent: []}'], 'routes'],
  ['a split is sticky', ['retries: {count: 2}', 'split: {stickyOn: {cookie: {name: side, ttl: 1h}}}'], 'routes'],
  ['a host is added to a route', ['hostnames: [shop.test]', 'hostnames: [shop.test, www.shop.test]'], 'routes'],
  ['a route is added for a Service that is served', [/$/, `---${routeOfCheap}`], 'routes'],
  ['an Ingress has another path', ['path: /, pathType: Prefix', 'path: /old, pathType: Prefix'], 'routes'],
  ['an Ingress is removed', [/apiVersion: networking[\s\S]*?---\n/, ''], 'routes'],
  [
    'the last Ingress is removed, and with it the default certificate: a filter chain beside the others',
    [/apiVersion: networking[\s\S]*?---\n/g, ''],
    'listeners routes secrets',
  ],
  [
    'a listener for another host of plain HTTP',
    ['    - {name: https', '    - {name: more, port: 80, protocol: HTTP, hostname: more.test}\n    - {name: https'],
    'routes',
  ],
  ['a certificate is replaced', [certificate, renewed], 'secrets'],
  [
    'a listener for another host of HTTPS: a filter chain beside the others',
    ['    - {name: https', `${listenerOfOther}\n    - {name: https`],
    'listeners routes secrets',
  ],
  [
    'a label and an annotation of everything',
    [/metadata: \{name: (gateway|shop|v1|prices|old)\}/g, 'metadata: {name: $1, labels: {team: a}, annotations: {note: b}}'],
    '',
  ],
  [
    'a Service has another selector and another target port',
    [/app: v1\}, ports: \[\{name: http, port: 80, targetPort: 8080/, 'app: v1, tier: web}, ports: [{name: http, port: 80, targetPort: web'],
    '',
  ],
  ['a Service has one more port', ['selector: {app: v2}, ports: [', 'selector: {app: v2}, ports: [{name: metrics, port: 9100}, '], ''],
  ['a port of a Service and its slices has another name', [/(name: v2\}\nspec: .*\{name: )http([\s\S]*?ports: \[\{name: )http/, '$1web$2web'], ''],
  [
    'a port of a Service has another number, and so have the routes to it',
    [
      [/(name: v2\}\nspec.*port: )80/, '$18080'],
      ['{name: v2, port: 80', '{name: v2, port: 8080'],
    ],
    'clusters endpoints routes',
  ],
  ['a policy has a label', ['kind: BackendPolicy\nmetadata: {name: v1}', 'kind: BackendPolicy\nmetadata: {name: v1, labels: {a: b}}'], ''],
  ['a policy says what is so by default', ['slowStart: {mode: Envoy, window: 30s}', 'slowStart: {mode: Envoy, window: 30s}\n  panicThresholdPercent: 33'], ''],
  ['a policy has another name', ['kind: BackendPolicy\nmetadata: {name: v1}', 'kind: BackendPolicy\nmetadata: {name: catalog}'], ''],
  ['a policy is another', ['window: 30s', 'window: 60s'], 'clusters'],
];

const snapshotOf = (yaml: string): Snapshot => build(storeViewOf(objectsOf(yaml)).view, defaultSettings).snapshots.get('default') ?? assert.fail('no group');
const before = snapshotOf(shop);

for (const [what, edit, changed] of edits) {
  test(`what changes: ${what}: ${changed || 'nothing'}`, () => {
    const all = (typeof edit[0] === 'string' || edit[0] instanceof RegExp ? [edit] : edit) as readonly Edit[];
    const after = all.reduce((text, [from, to]) => {
      const next = text.replace(from, to);
      assert.notEqual(next, text, 'the edit has no effect on the text');
      return next;
    }, shop);
    const change = changeBetween(before, snapshotOf(after));
    assert.deepEqual(Object.keys(change).sort().join(' '), changed, JSON.stringify(change));
  });
}
