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
    - {name: plain, backendRefs: [{name: plain, port: 80}]}
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

function settingsOf(path: string): { readonly route: readonly Setting[]; readonly cluster: readonly Setting[] } {
  const { groups, snapshots } = build(fakeView(objectsOf(objects)), defaultSettings);
  const snapshot = snapshots.get('default') ?? assert.fail();
  const { outcome } = explain(snapshot, groups.get('default'), { method: 'GET', url: `http://x${path}`, headers: [] });
  return outcome.type === 'forward' ? { route: outcome.settings, cluster: outcome.shares[0]?.settings ?? [] } : assert.fail(outcome.type);
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

test('where nothing is written, every value is there as a default', () => {
  const { route, cluster } = settingsOf('/plain');
  assert.deepEqual([written(route), written(cluster)], [[], []]);
  const value = (settings: readonly Setting[], field: string): unknown => settings.find((one) => one.field === field)?.value;
  assert.deepEqual(value(route, 'retries.onIdempotent'), ['reset']);
  assert.equal(value(route, 'timeouts.streamIdle'), '5m');
  assert.equal(value(cluster, 'timeouts.idle'), '4s');
  assert.ok([...route, ...cluster].every(({ from }) => from === 'default'));
});
