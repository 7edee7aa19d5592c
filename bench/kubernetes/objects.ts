import { parse } from 'yaml';
import { ingressText } from '../translate/objects.ts';

/** An object as it is sent to an API server. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Where all of it is. */
export const namespace = 'shop';
/** Class of the Ingresses. */
export const ingressClass = 'nginx';
/** Where those endpoints listen that requests reach. */
export const backendPort = 8080;
/** An address where the backend of the bench answers, see `runBench`. */
export const backendAddress = '10.250.0.1';

/** Cluster that Sluice makes of a Service for HTTPRoutes. */
export const clusterOf = (service: number): string => `${namespace}/${serviceOf(service)}/80`;
/** Name of a slice. */
export const sliceOf = (service: number): string => `${serviceOf(service)}-x7k2p`;
/** Path of a slice in the API. */
export const slicePath = (service: number): string => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${sliceOf(service)}`;
/** Path of the HTTPRoutes in the API. */
export const routesPath = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`;

const serviceOf = (number: number): string => `service-${number}`;
const metadata = (name: string) => ({ name, namespace, labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'Helm' } });

/** The GatewayClass and the Gateway of all routes. */
export const edge: readonly ClusterObject[] = [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'sluice' },
    spec: { controllerName: 'gateway.sluice.dev/controller' },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: metadata('edge'),
    spec: { gatewayClassName: 'sluice', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  },
] as readonly (ClusterObject & { readonly spec: object })[];

export function service(number: number): ClusterObject & { readonly spec: object } {
  const name = serviceOf(number);
  return { apiVersion: 'v1', kind: 'Service', metadata: metadata(name), spec: { selector: { app: name }, ports: [{ port: 80, targetPort: backendPort }] } };
}

/** As the controller of Kubernetes writes it. @param endpoints as `podEndpoints` gives them. */
export function endpointSlice(number: number, endpoints: readonly object[]): ClusterObject & { readonly endpoints: readonly object[] } {
  const name = serviceOf(number);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...metadata(sliceOf(number)),
      labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-11-20T08:00:00Z' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid: uidOf(number), controller: true, blockOwnerDeletion: true }],
    } as ClusterObject['metadata'],
    addressType: 'IPv4',
    ports: [{ name: '', port: backendPort, protocol: 'TCP' }],
    endpoints,
  } as ClusterObject & { readonly endpoints: readonly object[] };
}

/** Endpoints of a Service, one a pod. @param first address of the first one; undefined: another one of each Service. */
export function podEndpoints(number: number, count: number, first?: string): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    addresses: [index === 0 && first !== undefined ? first : `10.${64 + (number >> 8)}.${number & 255}.${index + 1}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${(number + index) % 100}`,
    zone: `zone-${index % 3}`,
    targetRef: { kind: 'Pod', namespace, name: `${serviceOf(number)}-6f9c7d5b8-${index}`, uid: uidOf(number * 100 + index) },
  }));
}

/** An Ingress like those of the bench of translation. */
export function ingress(number: number, services: number): ClusterObject {
  const read = parse(ingressText(number, number % services, '')) as ClusterObject;
  return { ...read, metadata: { ...read.metadata, namespace } };
}

export const hostOf = (route: number | string): string => `route-${route}.example.com`;

/** An HTTPRoute with a host name of its own. */
export function httpRoute(route: number | string, to: number): ClusterObject & { readonly spec: object } {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: metadata(`route-${route}`),
    spec: { parentRefs: [{ name: 'edge' }], hostnames: [hostOf(route)], rules: [{ backendRefs: [{ name: serviceOf(to), port: 80 }] }] },
  };
}

const uidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
