import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  V1ConfigMap,
  V1Endpoint,
  V1EndpointSlice,
  V1Ingress,
  V1IngressBackend,
  V1IngressClass,
  V1Namespace,
  V1Secret,
  V1Service,
  V1ServicePort,
} from '@kubernetes/client-node';
import type { ObjectOf } from './index.ts';
import { kinds } from './index.ts';

/** Names of fields that only one of two types has. `never` where both have the same. */
type Odd<Ours, Theirs> = Exclude<keyof NonNullable<Ours>, keyof NonNullable<Theirs>> | Exclude<keyof NonNullable<Theirs>, keyof NonNullable<Ours>>;

type Service = ObjectOf<'Service'>;
type Slice = ObjectOf<'EndpointSlice'>;
type Ingress = ObjectOf<'Ingress'>;
type Item<List> = NonNullable<List> extends readonly (infer One)[] ? One : never;

/** Every line is a compile-time check that a schema has the fields of the Kubernetes API, all of them and no others. */
type Differences = [
  Odd<Service, V1Service>,
  Odd<Service['spec'], V1Service['spec']>,
  Odd<Item<Service['spec']['ports']>, V1ServicePort>,
  Odd<Slice, V1EndpointSlice>,
  Odd<Item<Slice['endpoints']>, V1Endpoint>,
  Odd<Item<Slice['endpoints']>['conditions'], V1Endpoint['conditions']>,
  Odd<Item<Slice['endpoints']>['hints'], V1Endpoint['hints']>,
  Odd<Item<Slice['ports']>, Item<V1EndpointSlice['ports']>>,
  Odd<ObjectOf<'Secret'>, V1Secret>,
  Odd<ObjectOf<'ConfigMap'>, V1ConfigMap>,
  Odd<ObjectOf<'Namespace'>, V1Namespace>,
  Odd<ObjectOf<'Namespace'>['spec'], V1Namespace['spec']>,
  Odd<ObjectOf<'IngressClass'>, V1IngressClass>,
  Odd<ObjectOf<'IngressClass'>['spec'], V1IngressClass['spec']>,
  Odd<Ingress, V1Ingress>,
  Odd<Ingress['spec'], V1Ingress['spec']>,
  Odd<NonNullable<Ingress['spec']['defaultBackend']>, V1IngressBackend>,
  Odd<Item<Ingress['spec']['tls']>, Item<NonNullable<V1Ingress['spec']>['tls']>>,
  Odd<Item<Ingress['spec']['rules']>, Item<NonNullable<V1Ingress['spec']>['rules']>>,
][number];

const difference: [Differences] extends [never] ? 'none' : Differences = 'none';

test('schemas have the fields of the Kubernetes API', () => assert.equal(difference, 'none'));

const metadata = {
  name: 'shop',
  namespace: 'default',
  resourceVersion: '12',
  uid: 'u',
  managedFields: [{ manager: 'kubectl' }],
  ownerReferences: [{ uid: 'p' }],
};

/** As an API server prints them. */
const ordinary = {
  Service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      clusterIP: 'None',
      clusterIPs: ['None'],
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [
        { name: 'http', port: 80, protocol: 'TCP', targetPort: 'web', appProtocol: 'kubernetes.io/h2c', nodePort: 30080 },
        { name: 'grpc', port: 90, targetPort: 9090 },
      ],
      selector: { app: 'shop' },
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
      type: 'ClusterIP',
    },
    status: { loadBalancer: {} },
  },
  EndpointSlice: {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        hints: { forZones: [{ name: 'a' }] },
        nodeName: 'n1',
        targetRef: { kind: 'Pod', name: 'shop-1', namespace: 'default', uid: 'u' },
        zone: 'a',
      },
    ],
    ports: [{ name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
  },
  Secret: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': 'YQ==' },
    stringData: { 'tls.key': 'k' },
    immutable: true,
  },
  ConfigMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': 'x' }, binaryData: { b: 'YQ==' }, immutable: false },
  Namespace: { apiVersion: 'v1', kind: 'Namespace', metadata, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  IngressClass: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata,
    spec: { controller: 'k8s.io/ingress-nginx', parameters: { apiGroup: 'k8s.example.net', kind: 'P', name: 'p', scope: 'Namespace', namespace: 'n' } },
  },
  Ingress: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec: {
      ingressClassName: 'nginx',
      defaultBackend: { service: { name: 'shop', port: { number: 80 } } },
      rules: [
        { host: '*.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { name: 'http' } } } }] } },
        { http: { paths: [{ pathType: 'ImplementationSpecific', backend: { resource: { apiGroup: 'k8s.example.com', kind: 'Bucket', name: 'b' } } }] } },
      ],
      tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }, {}],
    },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
  },
} as const;
for (const [kind, object] of Object.entries(ordinary)) {
  test(`an ordinary ${kind} is valid`, () => assert.deepEqual(kinds[kind as keyof typeof ordinary].schema.safeParse(object).error?.issues ?? [], []));
}
