import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import { endpointSet, reportEndpoints } from './endpoints.ts';

const backend = (endpoints: Backend['endpoints']): Backend => ({ name: 'default/shop/80', endpoints }) as Backend;
const shop = backend({ type: 'service', namespace: 'default', service: 'shop', port: 'http' });

const slice = (name: string, content: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: shop}}
${content}`;
const ipv4 = (...endpoints: readonly string[]): string => `addressType: IPv4\nports: [{name: http, port: 8080}]\nendpoints: [${endpoints.join(', ')}]`;

/** `ADDRESS:PORT HEALTH [ZONE]`, in order. */
function endpointsOf(...slices: readonly string[]): readonly string[] {
  const view = fakeView(objectsOf(slices.map((content, index) => slice(`s${index}`, content)).join('\n---')));
  return (endpointSet(view, shop)?.endpoints ?? []).map(({ address, port, health, zone }) => [`${address}:${port}`, health, zone].filter(Boolean).join(' '));
}

const cases: readonly { readonly name: string; readonly slices: readonly string[]; readonly expected: readonly string[] }[] = [
  { name: 'without conditions an endpoint is ready', slices: [ipv4('{addresses: [10.0.0.1]}')], expected: ['10.0.0.1:8080 healthy'] },
  {
    name: 'null conditions are as if not written',
    slices: [ipv4('{addresses: [10.0.0.1], conditions: {ready: null, serving: null, terminating: null}}')],
    expected: ['10.0.0.1:8080 healthy'],
  },
  { name: 'not ready and not terminating: left out', slices: [ipv4('{addresses: [10.0.0.1], conditions: {ready: false, serving: true}}')], expected: [] },
  {
    name: 'terminating and serving: draining beside a ready one',
    slices: [ipv4('{addresses: [10.0.0.2]}', '{addresses: [10.0.0.1], conditions: {ready: false, serving: true, terminating: true}}')],
    expected: ['10.0.0.1:8080 draining', '10.0.0.2:8080 healthy'],
  },
  {
    name: 'terminating though ready (publishNotReadyAddresses): draining',
    slices: [ipv4('{addresses: [10.0.0.2]}', '{addresses: [10.0.0.1], conditions: {ready: true, terminating: true}}')],
    expected: ['10.0.0.1:8080 draining', '10.0.0.2:8080 healthy'],
  },
  {
    name: 'if none is ready, serving terminating ones are healthy',
    slices: [
      ipv4('{addresses: [10.0.0.1], conditions: {ready: false, serving: true, terminating: true}}', '{addresses: [10.0.0.3], conditions: {ready: false}}'),
    ],
    expected: ['10.0.0.1:8080 healthy'],
  },
  {
    name: 'terminating and not serving: left out, even if nobody is left',
    slices: [ipv4('{addresses: [10.0.0.1], conditions: {ready: false, serving: false, terminating: true}}')],
    expected: [],
  },
  {
    name: 'in two slices, the healthy form holds, whatever their order',
    slices: [
      ipv4('{addresses: [10.0.0.1], conditions: {terminating: true}}'),
      ipv4('{addresses: [10.0.0.1]}'),
      ipv4('{addresses: [10.0.0.1], conditions: {terminating: true}}'),
    ],
    expected: ['10.0.0.1:8080 healthy'],
  },
  {
    name: 'sorted by address, IPv6 and zones kept',
    slices: [
      'addressType: IPv6\nports: [{name: http, port: 8080}]\nendpoints: [{addresses: ["::1"], zone: b}]',
      ipv4('{addresses: [10.0.0.2, 10.0.0.1], zone: a}'),
    ],
    expected: ['10.0.0.1:8080 healthy a', '10.0.0.2:8080 healthy a', '::1:8080 healthy b'],
  },
  {
    name: 'the port goes by name',
    slices: ['addressType: IPv4\nports: [{name: admin, port: 9}, {name: http, port: 81}]\nendpoints: [{addresses: [10.0.0.1]}]'],
    expected: ['10.0.0.1:81 healthy'],
  },
  {
    name: 'a port of UDP is none',
    slices: ['addressType: IPv4\nports: [{name: http, port: 81, protocol: UDP}]\nendpoints: [{addresses: [10.0.0.1]}]'],
    expected: [],
  },
  { name: 'addresses of another family are left out', slices: [ipv4('{addresses: ["::1", nonsense, 10.0.0.1]}')], expected: ['10.0.0.1:8080 healthy'] },
];

for (const { name, slices, expected } of cases) test(`endpoints: ${name}`, () => assert.deepEqual(endpointsOf(...slices), expected));

test('endpoints: the order of slices makes no difference', () => {
  const slices = [ipv4('{addresses: [10.0.0.1]}', '{addresses: [10.0.0.9]}'), ipv4('{addresses: [10.0.0.5]}')];
  assert.deepEqual(endpointsOf(...slices.toReversed()), endpointsOf(...slices));
});

test('endpoints: what Kubernetes noted of the last change is a time of each endpoint, and no time is none', () => {
  const lastChangeOf = (annotation: string): number | undefined => {
    const text = slice('s', ipv4('{addresses: [10.0.0.1]}')).replace(
      '{name: s,',
      `{name: s, annotations: {endpoints.kubernetes.io/last-change-trigger-time: "${annotation}"},`,
    );
    return endpointSet(fakeView(objectsOf(text)), shop)?.endpoints[0]?.lastChangeAt;
  };
  assert.deepEqual(['2026-11-26T12:00:01Z', 'yesterday', ''].map(lastChangeOf), [Date.UTC(2026, 10, 26, 12, 0, 1), undefined, undefined]);
});

test('endpoints: a Backend gives addresses with their weights, the port of the reference where they have none', () => {
  const view = fakeView(
    objectsOf(`
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: vm}
spec: {endpoints: [{address: 10.0.0.2, weight: 3, zone: a}, {address: 10.0.0.1, port: 9}]}`),
  );
  assert.deepEqual(endpointSet(view, backend({ type: 'static', namespace: 'default', backend: 'vm', port: 80 }))?.endpoints, [
    { address: '10.0.0.1', port: 9, health: 'healthy', weight: 1 },
    { address: '10.0.0.2', port: 80, health: 'healthy', weight: 3, zone: 'a' },
  ]);
});

test('endpoints: names and applications are part of the cluster', () => {
  const view = fakeView([]);
  assert.equal(endpointSet(view, backend({ type: 'dns', hosts: [] })), undefined);
  assert.equal(endpointSet(view, backend({ type: 'local', address: '127.0.0.1', port: 80 })), undefined);
});

test('endpoints: what is wrong with slices is reported, with its place', () => {
  const found: Diagnostic[] = [];
  const objects = objectsOf(
    [
      slice('a', ipv4('{addresses: [nonsense]}')),
      slice('b', 'addressType: FQDN\nports: [{name: http, port: 80}]\nendpoints: [{addresses: [a.example.com]}]'),
    ].join('\n---'),
  );
  reportEndpoints(fakeView(objects), shop, { object: 'Service default/shop' }, (one) => found.push(one));
  assert.deepEqual(
    found.map(({ code, at }) => [code, at.object, at.field]),
    [
      ['InvalidEndpoint', 'EndpointSlice default/a', 'endpoints.0.addresses.0'],
      ['UnsupportedAddressType', 'EndpointSlice default/b', 'addressType'],
      ['NoEndpoints', 'Service default/shop', undefined],
    ],
  );
});
