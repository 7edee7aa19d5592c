import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { defaultSettings } from '../settings.ts';
import { changesSince } from '../store/changes.ts';
import { done } from '../work.ts';
import { createBackendResolver } from './backend.ts';
import { createMeshRouter } from './mesh-route.ts';
import { sidecarGroups } from './sidecar.ts';
import { createTrafficPolicies } from './traffic/policies.ts';

const services = `
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: invoices, namespace: billing}
spec: {ports: [{name: admin, port: 9000}, {name: api, port: 8080}]}`;

const sidecar = (spec: string, name = 'shop'): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: Sidecar
metadata: {name: ${name}}
spec: {service: shop, ${spec}}`;

const route = (name: string, namespace: string, parent = ''): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  parentRefs: [{group: "", kind: Service, name: invoices, namespace: billing${parent}}]
  rules: [{name: only, matches: [{path: {value: /${name}}}]}]`;

function setUp(...documents: readonly string[]) {
  const found: Diagnostic[] = [];
  const view = fakeView(objectsOf([services, ...documents].join('\n---')));
  const report = (one: Diagnostic): void => void found.push(one);
  const resolver = createBackendResolver(view, report);
  const groups = done(
    sidecarGroups(
      view,
      defaultSettings,
      createMeshRouter({ view, resolver, policies: createTrafficPolicies(view, report), changes: changesSince(undefined, view) }, report),
      resolver,
      report,
    ),
  );
  const [group] = groups;
  const outbound = group?.routeConfigurations[0]?.virtualHosts ?? [];
  return { groups, group, outbound, codes: found.map(({ code }) => code).filter((code) => code !== 'NoEndpoints') };
}

describe('sidecars', () => {
  test('without settings: every Service of the namespace, 15001, and 15006 to the target port', () => {
    const { group, outbound, codes } = setUp(sidecar(''));
    assert.equal(group?.name, 'sidecar/default/shop');
    assert.deepEqual(
      group.listeners.map(({ direction, address, port }) => [direction, address, port]),
      [
        ['outbound', '127.0.0.1', 15001],
        ['inbound', defaultSettings.listenAddress, 15006],
      ],
    );
    assert.deepEqual(
      outbound.map(({ domains }) => domains),
      [
        [
          'shop',
          'shop.default',
          'shop.default.svc',
          'shop.default.svc.cluster.local',
          'shop:80',
          'shop.default:80',
          'shop.default.svc:80',
          'shop.default.svc.cluster.local:80',
        ],
      ],
    );
    assert.deepEqual(group.backends.find(({ name }) => name === 'inbound/15006')?.endpoints, { type: 'local', address: '127.0.0.1', port: 8080 });
    assert.deepEqual(codes, []);
  });

  test('another namespace is reached by its full names only; names without a port mean the first one where none is 80', () => {
    const { outbound } = setUp(sidecar('reach: [billing/invoices]'));
    const domains = new Map(outbound.map((host) => [host.name, host.domains]));
    assert.deepEqual(domains.get('invoices.billing:9000')?.slice(0, 3), ['invoices.billing', 'invoices.billing.svc', 'invoices.billing.svc.cluster.local']);
    assert.ok(domains.get('invoices.billing:8080')?.every((domain) => domain.endsWith(':8080')));
    assert.ok([...domains.values()].flat().every((domain) => domain.startsWith('invoices.billing')));
  });

  test('no domain stands twice, as Envoy would refuse the table', () => {
    const { outbound } = setUp(sidecar('reach: [shop, shop, billing/invoices, default/shop]'));
    const domains = outbound.flatMap((host) => host.domains);
    assert.equal(new Set(domains).size, domains.length);
  });

  test('calls to the application are neither tried again nor ejected', () => {
    const { group } = setUp(sidecar('inbound: [{port: 16000, to: "[::1]:9"}]'));
    const application = group?.backends.find(({ name }) => name === 'inbound/16000');
    assert.deepEqual(application?.endpoints, { type: 'local', address: '::1', port: 9 });
    assert.equal(application.outlierDetection, undefined);
    const action = group?.routeConfigurations[1]?.virtualHosts[0]?.routes[0]?.action;
    assert.ok(action?.type === 'forward' && action.retry === undefined);
  });

  test('an empty list of inbound ports means none', () => {
    assert.deepEqual(
      setUp(sidecar('inbound: []')).group?.listeners.map(({ direction }) => direction),
      ['outbound'],
    );
  });

  const names = (documents: readonly string[], host: string): readonly string[] | undefined =>
    setUp(sidecar('reach: [billing/invoices]'), ...documents)
      .outbound.find(({ name }) => name === host)
      ?.routes.map(({ name }) => name);

  test('routes whose parent is the Service replace the way to its endpoints', () => {
    assert.deepEqual(names([], 'invoices.billing:8080'), ['Service/billing/invoices/8080']);
    assert.deepEqual(names([route('producer', 'billing')], 'invoices.billing:8080'), ['HTTPRoute/billing/producer/only']);
  });

  test('routes of the caller win over those of the Service, routes of others mean nothing', () => {
    assert.deepEqual(names([route('producer', 'billing'), route('consumer', 'default')], 'invoices.billing:8080'), ['HTTPRoute/default/consumer/only']);
    assert.deepEqual(names([route('stranger', 'elsewhere')], 'invoices.billing:8080'), ['Service/billing/invoices/8080']);
  });

  test('a parent with a port means that port alone', () => {
    const documents = [route('producer', 'billing', ', port: 8080')];
    assert.deepEqual(names(documents, 'invoices.billing:8080'), ['HTTPRoute/billing/producer/only']);
    assert.deepEqual(names(documents, 'invoices.billing:9000'), ['Service/billing/invoices/9000']);
  });

  const mistakes: readonly [string, readonly string[], readonly string[]][] = [
    ['reach of nobody', [sidecar('reach: [nobody]')], ['SidecarReachNotFound']],
    ['two Sidecars of one Service', [sidecar('reach: []'), sidecar('reach: []', 'second')], ['SidecarConflict']],
    ['one port twice', [sidecar('inbound: [{port: 15001, to: "127.0.0.1:1"}]')], ['SidecarConflict']],
  ];
  for (const [name, documents, expected] of mistakes) test(`${name} is reported`, () => assert.deepEqual(setUp(...documents).codes, expected));
});
