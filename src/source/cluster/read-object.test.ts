import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '../../kind/index.ts';
import { readObject } from './read-object.ts';

const uid = '00000000-0000-4000-8000-000000000000';
const creationTimestamp = '2026-11-20T08:00:00Z';

test('of a slice only that is kept which endpoints are made of', () => {
  const pod = { kind: 'Pod', namespace: 'shop', name: 'a-1', uid };
  const raw = {
    metadata: {
      name: 'a-x7k2p',
      namespace: 'shop',
      uid,
      creationTimestamp,
      resourceVersion: '7',
      generation: 3,
      labels: { 'kubernetes.io/service-name': 'a', app: 'a' },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': creationTimestamp },
      ownerReferences: [{ kind: 'Service', name: 'a' }],
      managedFields: [{ manager: 'kube-controller-manager' }],
    },
    addressType: 'IPv4',
    ports: [{ name: null, port: 8080, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['10.0.0.1'], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'node-1', zone: 'a', targetRef: pod },
      { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true }, hints: { forZones: [{ name: 'a' }] } },
      { addresses: ['10.0.0.3'], conditions: { ready: true, serving: true, terminating: false } },
    ],
  };
  const before = structuredClone(raw);
  const { stored, diagnostics } = readObject('EndpointSlice', 'discovery.k8s.io/v1', raw);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(stored?.object, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'a-x7k2p', namespace: 'shop', uid, creationTimestamp, labels: { 'kubernetes.io/service-name': 'a' } },
    addressType: 'IPv4',
    ports: [{ port: 8080, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['10.0.0.1'], conditions: { ready: true, serving: true, terminating: false }, zone: 'a' },
      { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true }, hints: { forZones: [{ name: 'a' }] } },
      { addresses: ['10.0.0.3'], conditions: { ready: true, serving: true, terminating: false } },
    ],
  });
  assert.deepEqual(raw, before);
});

test('of other objects goes what only others need', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', kept: 'yes' };
  const metadata = { name: 'a', namespace: 'shop', uid, labels: { app: 'a' }, annotations, ownerReferences: [], managedFields: [], resourceVersion: '7' };
  const { stored } = readObject('Service', 'v1', { metadata, spec: { ports: [{ port: 80 }] }, status: { loadBalancer: {} } });
  assert.deepEqual(stored?.object, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a', namespace: 'shop', uid, labels: { app: 'a' }, annotations: { kept: 'yes' } },
    spec: { ports: [{ port: 80 }] },
  });
});

test('what was made in the same second is in the order of its names, and of no kinds', () => {
  const made = (kind: Kind, name: string, at = creationTimestamp) =>
    readObject(kind, 'gateway.networking.k8s.io/v1', { metadata: { name, namespace: 'shop', creationTimestamp: at }, spec: {} }).stored;
  const objects = [made('GRPCRoute', 'b'), made('HTTPRoute', 'a-b'), made('GRPCRoute', 'c', '2026-11-20T07:59:59Z'), made('HTTPRoute', 'a')];
  const oldestFirst = objects.flatMap((one) => one ?? []).sort((a, b) => (a.age < b.age ? -1 : 1));
  assert.deepEqual(
    oldestFirst.map(({ name }) => name),
    ['c', 'a', 'a-b', 'b'],
  );
});

test('an object that the API server admits and that cannot be meant so is told, whatever is in it', () => {
  const wrong = { metadata: { name: 'a', namespace: 'shop' }, addressType: 'IPv4', endpoints: [null, 7, { addresses: [], conditions: 'no' }] };
  const { stored, diagnostics, key } = readObject('EndpointSlice', 'discovery.k8s.io/v1', wrong);
  assert.equal(stored, undefined);
  assert.deepEqual(key, { kind: 'EndpointSlice', namespace: 'shop', name: 'a' });
  assert.deepEqual(
    diagnostics.map(({ code, at }) => `${code} ${at.field}`),
    ['InvalidField endpoints[0]', 'InvalidField endpoints[1]', 'InvalidField endpoints[2].addresses', 'InvalidField endpoints[2].conditions'],
  );
});
