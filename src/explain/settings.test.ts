import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import { build } from '../build.ts';
import { defaultSettings } from '../settings.ts';
import { explain } from './explain.ts';
import type { Setting } from './explanation.ts';

const objects = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shop}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: shop}]
  rules:
    - {name: written, matches: [{path: {value: /written}}], timeouts: {request: 20s}, retry: {attempts: 2}, backendRefs: [{name: catalog, port: 80}]}
    - name: sticky
      matches: [{path: {value: /sticky}}]
      sessionPersistence: {sessionName: seat}
      backendRefs: [{name: plain, port: 80, weight: 9}, {name: catalog, port: 80, weight: 1}]
    - {name: plain, backendRefs: [{name: plain, port: 80}]}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: sticky}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop, sectionName: sticky}]
  split: {stickyOn: {header: x-user}}
  sessionAffinity: {header: x-session}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: gateway}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop, sectionName: written}], retries: {count: 7, onIdempotent: []}, timeouts: {request: 9s}}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: catalog}
spec:
  targetRefs: [{group: "", kind: Service, name: catalog}]
  circuitBreaker: {maxRequests: 9}
  healthCheck: {http: {path: /health}}
  outlierDetection: {preset: "Off"}
---
apiVersion: v1
kind: Service
metadata: {name: catalog}
spec: {ports: [{port: 80, appProtocol: kubernetes.io/h2c}]}
---
apiVersion: v1
kind: Service
metadata: {name: plain}
spec: {ports: [{port: 80}]}`;

const ingresses = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    nginx.ingress.kubernetes.io/proxy-connect-timeout: "7"
    nginx.ingress.kubernetes.io/proxy-next-upstream-tries: nonsense
    nginx.ingress.kubernetes.io/proxy-read-timeout: "70"
    nginx.ingress.kubernetes.io/backend-protocol: GRPC
    nginx.ingress.kubernetes.io/affinity: cookie
spec: {rules: [{host: x, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: plain, port: {number: 80}}}}]}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: canary
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "10"
    nginx.ingress.kubernetes.io/proxy-connect-timeout: "9"
spec: {rules: [{host: x, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: spoken, port: {number: 80}}}}]}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: other}
spec: {rules: [{host: y, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: spoken, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: {proxy-next-upstream: error http_503, proxy-read-timeout: "80", load-balance: round_robin, proxy-send-timeout: soon}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: ingress}
spec: {targetRefs: [{group: networking.k8s.io, kind: Ingress, name: shop}], timeouts: {request: 9s}}
---
apiVersion: v1
kind: Service
metadata: {name: plain}
spec: {ports: [{port: 80, appProtocol: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: spoken}
spec: {ports: [{port: 80}]}`;

/** @param share its place in the split. */
function settingsOf(path: string, yaml = objects, host = 'x', share = 0): { readonly route: readonly Setting[]; readonly cluster: readonly Setting[] } {
  const { groups, snapshots } = build(fakeView(objectsOf(yaml)), defaultSettings);
  const snapshot = snapshots.get('default') ?? assert.fail();
  const { outcome } = explain(snapshot, groups.get('default'), { method: 'GET', url: `http://${host}${path}`, headers: [] });
  return outcome.type === 'forward' ? { route: outcome.settings, cluster: outcome.shares[share]?.settings ?? [] } : assert.fail(outcome.type);
}

/** `FIELD VALUE OBJECT FIELD`. */
const written = (settings: readonly Setting[]): readonly string[] =>
  settings.flatMap(({ field, value, origin }) => (origin ? `${field} ${value} < ${origin.object} ${origin.field ?? ''}`.trim() : []));

test('what a rule says itself is told to be from there, what a policy says from the policy', () => {
  assert.deepEqual(written(settingsOf('/written').route), [
    'retries.count 2 < HTTPRoute default/shop spec.rules.0.retry.attempts',
    'retries.onIdempotent  < TrafficPolicy default/gateway spec.retries.onIdempotent',
    'timeouts.request 20s < HTTPRoute default/shop spec.rules.0.timeouts.request',
  ]);
});

test('of a backend each field is told from its policy, and the protocol from the port of the Service', () => {
  assert.deepEqual(written(settingsOf('/written').cluster), [
    'outlierDetection.preset Off < BackendPolicy default/catalog spec.outlierDetection.preset',
    'healthCheck.http /health < BackendPolicy default/catalog spec.healthCheck.http',
    'circuitBreaker.maxRequests 9 < BackendPolicy default/catalog spec.circuitBreaker.maxRequests',
    'protocol HTTP2 < Service default/catalog',
  ]);
});

test('what keeps users together is told from the rule, else from the policy', () => {
  assert.deepEqual(written(settingsOf('/sticky').route), [
    'split.stickyOn header x-user < TrafficPolicy default/sticky spec.split.stickyOn',
    'sessionAffinity cookie seat < HTTPRoute default/shop spec.rules.1.sessionPersistence',
  ]);
});

test('what an Ingress says is told from its annotations, then from the settings of its controller; what does not hold is not', () => {
  const annotation = (name: string, ingress = 'shop') => `Ingress default/${ingress} metadata.annotations.nginx.ingress.kubernetes.io/${name}`;
  const setting = (name: string) => `ConfigMap ingress-nginx/ingress-nginx-controller data.${name}`;
  const { route, cluster } = settingsOf('/', ingresses);
  assert.deepEqual(written(route), [
    `retries.count 2 < ${setting('proxy-next-upstream')}`,
    `retries.on connect-failure,refused-stream,reset-before-request < ${setting('proxy-next-upstream')}`,
    `retries.onIdempotent reset,retriable-status-codes < ${setting('proxy-next-upstream')}`,
    `retries.statusCodes 503 < ${setting('proxy-next-upstream')}`,
    'timeouts.request 9s < TrafficPolicy default/ingress spec.timeouts.request',
    `timeouts.streamIdle 70s < ${annotation('proxy-read-timeout')}`,
    `split.stickyOn cookie INGRESSCOOKIE-side < ${annotation('affinity')}`,
    `sessionAffinity cookie INGRESSCOOKIE < ${annotation('affinity')}`,
  ]);
  assert.deepEqual(written(cluster), [
    `loadBalancer.type RoundRobin < ${setting('load-balance')}`,
    `timeouts.connect 7s < ${annotation('proxy-connect-timeout')}`,
    `protocol HTTP2 < ${annotation('backend-protocol')}`,
    `tls.hostname off < ${annotation('backend-protocol')}`,
  ]);
  assert.deepEqual(written(settingsOf('/', ingresses, 'x', 1).cluster), [
    `loadBalancer.type RoundRobin < ${setting('load-balance')}`,
    `timeouts.connect 9s < ${annotation('proxy-connect-timeout', 'canary')}`,
  ]);
  assert.deepEqual(written(settingsOf('/', ingresses, 'y').cluster), [`loadBalancer.type RoundRobin < ${setting('load-balance')}`]);
});

test('a canary of an Ingress does not get twice what only a policy for the main Service allows', () => {
  const policy = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: plain}
spec: {targetRefs: [{group: "", kind: Service, name: plain}], retries: {"on": [Reset]}}`;
  const { route } = settingsOf('/', `${ingresses}\n---${policy}`);
  const on = route.find(({ field }) => field === 'retries.on')?.value;
  assert.deepEqual(on, ['connect-failure', 'refused-stream', 'reset-before-request']);
});

test('where nothing is written, every value is there as a default', () => {
  const { route, cluster } = settingsOf('/plain');
  assert.deepEqual([written(route), written(cluster)], [[], []]);
  const value = (settings: readonly Setting[], field: string): unknown => settings.find((one) => one.field === field)?.value;
  assert.deepEqual(value(route, 'retries.onIdempotent'), ['reset']);
  assert.equal(value(route, 'timeouts.streamIdle'), '5m');
  assert.equal(value(cluster, 'timeouts.idle'), '4s');
  assert.ok([...route, ...cluster].every(({ from }) => from === 'default'));
});
