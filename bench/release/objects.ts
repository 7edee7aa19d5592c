import { tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { type Endpoint, grpcHost, grpcPool, httpHost, type Policy, type Rule, type Wanted } from './wanted.ts';

/** What is wanted as Kubernetes objects, by file. Nothing is tuned: what is not written is what Sluice does by itself. */
export function objectFiles({ pools, policy, rules, certificate }: Wanted): Readonly<Record<string, string>> {
  return {
    'gateway.yaml': gateway,
    'certificate.yaml': tlsSecret('shop', certificate),
    'routes.yaml': httpRoute(rules),
    ...(grpcPool in pools ? { 'grpc-route.yaml': grpcRoute } : {}),
    ...Object.fromEntries(Object.keys(pools).map((name) => [`service-${name}.yaml`, service(name)])),
    ...(policy ? Object.fromEntries(Object.keys(pools).map((name) => [`policy-${name}.yaml`, backendPolicy(name, policy)])) : {}),
    ...Object.fromEntries(Object.entries(pools).map(([name, endpoints]) => [`endpoints-${name}.yaml`, slices(name, endpoints)])),
  };
}

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: http, port: 80, protocol: HTTP}
    - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}
`;

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: main, port: 80${name === grpcPool ? ', appProtocol: kubernetes.io/h2c' : ''}}]}
`;

const backendPolicy = (name: string, { balancer, slowStart: { mode, windowSeconds } }: Policy): string => `apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: ${name}}
spec:
  targetRefs: [{group: "", kind: Service, name: ${name}}]
  loadBalancer: {type: ${balancer}}
  slowStart: {mode: "${mode}", window: ${windowSeconds}s}
`;

/** One EndpointSlice for each endpoint, as a slice has one port number. */
function slices(pool: string, endpoints: readonly Endpoint[]): string {
  return endpoints.map((endpoint) => slice(pool, endpoint)).join('---\n');
}

const slice = (pool: string, { port, ending }: Endpoint): string => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${pool}-${port}, labels: {kubernetes.io/service-name: ${pool}}}
addressType: IPv4
ports: [{name: main, port: ${port}}]
endpoints: [{addresses: [127.0.0.1], conditions: {ready: ${!ending}, serving: true, terminating: ${ending}}}]
`;

const httpRoute = (rules: readonly Rule[]): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [${httpHost}]
  rules:
${rules.map(httpRule).join('')}`;

const httpRule = ({ prefix, edit, split }: Rule): string => `  - matches: [{path: {type: PathPrefix, value: ${prefix}}}]
    filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-edit, value: "${edit}"}]}}]
    backendRefs: [${Object.entries(split)
      .map(([name, weight]) => `{name: ${name}, port: 80, weight: ${weight}}`)
      .join(', ')}]
`;

const grpcRoute = `apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: calls}
spec:
  parentRefs: [{name: edge}]
  hostnames: [${grpcHost}]
  rules: [{backendRefs: [{name: ${grpcPool}, port: 80}]}]
`;
