import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { createBackendResolver } from './backend.ts';
import type { BackendRef } from './backend-target.ts';
import { defaultCircuitBreaker, defaultIdleTimeoutMs, defaultLoadBalancer, defaultOutlierDetection } from './defaults.ts';

const services = `
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{name: http, port: 80}, {name: h2c, port: 81, appProtocol: kubernetes.io/h2c}, {name: dns, port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside}
spec: {type: ExternalName, externalName: outside.example.com.}
---
apiVersion: v1
kind: Service
metadata: {name: nowhere}
spec: {type: ExternalName, externalName: "http://x"}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: shop}
spec: {endpoints: [{address: 10.0.0.1}]}`;

const policy = (name: string, target: string, spec: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: ${name}}
spec: {targetRefs: [{group: "", kind: Service, name: shop${target}}], ${spec}}`;

function setUp(...documents: readonly string[]) {
  const diagnostics: Diagnostic[] = [];
  const resolver = createBackendResolver(fakeView(objectsOf([services, ...documents].join('\n---'))), (one) => diagnostics.push(one));
  const resolve = (ref: Partial<BackendRef>, grpc = false) =>
    resolver.resolve({ kind: 'Service', namespace: 'default', name: 'shop', port: 80, ...ref }, { grpc, at: { object: 'route' } });
  return { resolver, resolve, codes: () => diagnostics.map(({ code }) => code).filter((code) => code !== 'NoEndpoints') };
}

describe('backend resolver', () => {
  test('without a policy every default holds', () => {
    const backend = setUp().resolve({});
    assert.equal(backend?.name, 'default/shop/80');
    assert.deepEqual(backend?.endpoints, { type: 'service', namespace: 'default', service: 'shop', port: 'http' });
    assert.deepEqual(backend?.loadBalancer, defaultLoadBalancer);
    assert.deepEqual(backend?.outlierDetection, defaultOutlierDetection);
    assert.deepEqual(backend?.circuitBreaker, defaultCircuitBreaker);
    assert.equal(backend?.slowStart, undefined);
    assert.equal(backend?.idleTimeoutMs, defaultIdleTimeoutMs.http1);
  });

  test('the same reference gives the same object, by number and by name', () => {
    const { resolve } = setUp();
    assert.ok(resolve({}));
    assert.equal(resolve({ port: 'http' }), resolve({}));
  });

  test('gRPC is HTTP/2: a variant where the port speaks HTTP/1.1, the same backend where it speaks HTTP/2', () => {
    const { resolve } = setUp();
    assert.equal(resolve({}, true)?.protocol, 'http2');
    assert.match(resolve({}, true)?.name ?? '', /^default\/shop\/80~[0-9a-f]{6}$/);
    assert.equal(resolve({}, true)?.idleTimeoutMs, defaultIdleTimeoutMs.http2);
    assert.equal(resolve({ port: 81 }, true), resolve({ port: 81 }));
    assert.equal(resolve({ port: 81 })?.name, 'default/shop/81');
  });

  test('the name of a variant is the same whatever was asked for first', () => {
    const one = setUp();
    one.resolve({});
    const name = one.resolve({}, true)?.name;
    assert.equal(setUp().resolve({}, true)?.name, name);
  });

  test('a Backend and a Service of one name are two clusters', () => {
    const { resolve } = setUp();
    assert.notEqual(resolve({ kind: 'Backend' })?.name, resolve({})?.name);
  });

  test('an ExternalName is resolved by Envoy, at the port of the reference', () => {
    assert.deepEqual(setUp().resolve({ name: 'outside', port: 8443 })?.endpoints, {
      type: 'dns',
      hosts: [{ hostname: 'outside.example.com', port: 8443, weight: 1 }],
    });
  });

  const unresolved: readonly [string, Partial<BackendRef>, string][] = [
    ['a Service that is not there', { name: 'nobody' }, 'BackendNotFound'],
    ['a Backend that is not there', { kind: 'Backend', name: 'nobody' }, 'BackendNotFound'],
    ['a port that is not there', { port: 9 }, 'PortNotFound'],
    ['a port of UDP', { port: 53 }, 'PortNotFound'],
    ['an ExternalName that is no name', { name: 'nowhere' }, 'BackendNotFound'],
    ['a port name for an ExternalName without ports', { name: 'outside', port: 'http' }, 'PortNotFound'],
  ];
  for (const [name, ref, code] of unresolved) {
    test(`${name} is unresolved and reported`, () => {
      const { resolve, codes } = setUp();
      assert.equal(resolve(ref), undefined);
      assert.deepEqual(codes(), [code]);
    });
  }

  test('a policy for the port wins over one for the Service, field by field', () => {
    const { resolve, codes } = setUp(
      policy('service', '', 'circuitBreaker: {maxConnections: 7, retryBudget: {percent: 10}}, loadBalancer: {type: RoundRobin}'),
      policy('port', ', sectionName: http', 'circuitBreaker: {maxRequests: 9}'),
    );
    const backend = resolve({});
    assert.deepEqual(backend?.circuitBreaker, { ...defaultCircuitBreaker, maxConnections: 7, maxRequests: 9, retryBudget: { percent: 10, minConcurrent: 50 } });
    assert.equal(backend?.loadBalancer.type, 'RoundRobin');
    assert.equal(resolve({ port: 81 })?.circuitBreaker.maxRequests, defaultCircuitBreaker.maxRequests);
    assert.deepEqual(
      backend?.origins.map(({ object }) => object),
      ['Service default/shop', 'BackendPolicy default/port', 'BackendPolicy default/service'],
    );
    assert.deepEqual(codes(), []);
  });

  test('the stronger way of health checking replaces the weaker one', () => {
    const { resolve } = setUp(
      policy('service', '', 'healthCheck: {http: {path: /health}, interval: 7s}'),
      policy('port', ', sectionName: http', 'healthCheck: {tcp: {}}'),
    );
    const [check] = resolve({})?.healthChecks ?? [];
    assert.deepEqual([check?.probe, check?.intervalMs], [{ type: 'tcp' }, 7000]);
  });

  test('of two policies for one target the older holds', () => {
    const { resolve, codes } = setUp(
      policy('old', ', sectionName: http', 'panicThresholdPercent: 1'),
      policy('young', ', sectionName: "80"', 'panicThresholdPercent: 2, loadBalancer: {type: Random}'),
    );
    assert.equal(resolve({})?.panicThresholdPercent, 1);
    assert.equal(resolve({})?.loadBalancer.type, 'LeastRequest');
    assert.deepEqual(codes(), ['PolicyConflict']);
  });

  test('TLS that cannot be set up leaves no backend in plain text', () => {
    const { resolve, codes } = setUp(policy('tls', '', 'tls: {hostname: shop.example.com, caRefs: [{kind: ConfigMap, name: nobody}]}'));
    assert.equal(resolve({}), undefined);
    assert.deepEqual(codes(), ['AuthorityNotFound', 'BackendTlsBroken']);
  });

  test('TLS with the authorities of the system needs no secret', () => {
    const { resolve, resolver } = setUp(policy('tls', '', 'tls: {hostname: shop.example.com}'));
    const backend = resolve({});
    assert.deepEqual(backend?.tls, { hostname: 'shop.example.com', subjectAltNames: [] });
    assert.deepEqual(backend && resolver.secrets(backend), []);
  });

  test('a policy without a target is reported', () => {
    const { codes } = setUp(policy('lost', ', sectionName: grpc', 'panicThresholdPercent: 1'));
    assert.deepEqual(codes(), ['PolicyTargetNotFound']);
  });
});
