import { backend } from '../src/kind/backend.ts';
import { backendPolicy } from '../src/kind/backend-policy.ts';
import { gatewayConfig } from '../src/kind/gateway-config.ts';
import { grpcJsonTranscoder } from '../src/kind/grpc-json-transcoder.ts';
import type { KindDefinition } from '../src/kind/kind.ts';
import { sidecar } from '../src/kind/sidecar.ts';
import { trafficPolicy } from '../src/kind/traffic-policy.ts';

/** What a page and a CRD say of a kind besides its fields. */
export interface OwnKind {
  readonly definition: KindDefinition;
  readonly plural: string;
  /** File name without ending. */
  readonly file: string;
  readonly summary: string;
  /** For `kubectl get`. Undefined: the kind is short enough. */
  readonly shortNames?: readonly string[];
  /** How a policy holds, as Gateway API knows it: for its target alone, or for what is below it too. Undefined: no policy. */
  readonly policy?: 'Direct' | 'Inherited';
  readonly columns: readonly { readonly name: string; readonly type: string; readonly jsonPath: string }[];
  readonly example: string;
}

/** The kinds of the group `gateway.sluice.dev`. */
export const ownKinds: readonly OwnKind[] = [
  {
    definition: backendPolicy,
    plural: 'backendpolicies',
    file: 'backend-policy',
    shortNames: ['bpol'],
    policy: 'Direct',
    summary: 'How to talk to a Service, one of its ports, or a Backend: balancing, slow start, ejection, health checks, limits, TLS.',
    columns: [
      { name: 'Targets', type: 'string', jsonPath: '.spec.targetRefs[*].name' },
      { name: 'Balancer', type: 'string', jsonPath: '.spec.loadBalancer.type' },
    ],
    example: `apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: catalog}
spec:
  targetRefs: [{group: "", kind: Service, name: catalog, sectionName: http}]
  loadBalancer: {type: LeastRequest, choices: 2}
  slowStart: {mode: Envoy, window: 30s, aggression: 1.0, minWeightPercent: 10}
  outlierDetection: {preset: Auto, consecutiveGatewayErrors: 5, interval: 1s, baseEjection: 10s, maxEjectionPercent: 67}
  healthCheck: {http: {path: /health, statuses: [200]}, interval: 2s, timeout: 1s, healthy: 2, unhealthy: 3}
  circuitBreaker: {maxConnections: 10000, maxPendingRequests: 10000, maxRequests: 10000, retryBudget: {percent: 25, minConcurrent: 50}}
  timeouts: {connect: 1s, idle: 4s}
  tcpKeepalive: {time: 60s, interval: 10s, probes: 3}
  protocol: Auto
  tls: {hostname: catalog.internal, caRefs: [{kind: ConfigMap, name: ca}], clientCertificateRef: {kind: Secret, name: c}}
  locality: {prefer: Zone}
  panicThresholdPercent: 33
`,
  },
  {
    definition: trafficPolicy,
    plural: 'trafficpolicies',
    file: 'traffic-policy',
    shortNames: ['tpol'],
    policy: 'Inherited',
    summary: 'What happens to the requests of a Gateway, a listener, a route, a rule, an Ingress or a Service: retries, time-outs, splits, sessions.',
    columns: [{ name: 'Targets', type: 'string', jsonPath: '.spec.targetRefs[*].name' }],
    example: `apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: checkout}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop, sectionName: checkout}]
  retries: {count: 3, "on": [ConnectFailure, RefusedStream, ResetBeforeRequest], onIdempotent: [Reset], perTryTimeout: 2s, backoff: {base: 25ms, max: 250ms}}
  timeouts: {request: 0s, streamIdle: 60s}
  split: {stickyOn: {cookie: {name: sluice-split, ttl: 24h}}}
  sessionAffinity: {cookie: {name: sluice-session, ttl: 1h}}
`,
  },
  {
    definition: backend,
    plural: 'backends',
    file: 'backend',
    summary: 'Endpoints outside Kubernetes, for a `backendRef` with the group `gateway.sluice.dev` and the kind `Backend`.',
    columns: [{ name: 'Protocol', type: 'string', jsonPath: '.spec.appProtocol' }],
    example: `apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: legacy}
spec:
  endpoints: [{address: 10.0.0.7, port: 8080, zone: a, weight: 1}, {hostname: vm.example, port: 8080}]
  appProtocol: http
`,
  },
  {
    definition: gatewayConfig,
    plural: 'gatewayconfigs',
    file: 'gateway-config',
    shortNames: ['gwconf'],
    summary:
      'Settings of Gateways, by `parametersRef` of a GatewayClass or `infrastructure.parametersRef` of a Gateway; the one named `default` holds for Ingresses.',
    columns: [
      { name: 'Group', type: 'string', jsonPath: '.spec.group' },
      { name: 'Envoys', type: 'string', jsonPath: '.spec.envoys.mode' },
    ],
    example: `apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: default}
spec:
  group: default
  clientAddress: {mode: XForwardedFor, trustedCIDRs: [10.0.0.0/8]}
  accessLog: {format: json, samplePercent: 100}
`,
  },
  {
    definition: grpcJsonTranscoder,
    plural: 'grpcjsontranscoders',
    file: 'grpc-json-transcoder',
    shortNames: ['transcoder'],
    summary:
      'gRPC calls by HTTP and JSON, for a filter of a GRPCRoute: `{type: ExtensionRef, extensionRef: {group: gateway.sluice.dev, kind: GrpcJsonTranscoder, name: NAME}}`.',
    columns: [{ name: 'ConfigMap', type: 'string', jsonPath: '.spec.descriptorSet.configMapRef.name' }],
    example: `apiVersion: gateway.sluice.dev/v1alpha1
kind: GrpcJsonTranscoder
metadata: {name: prices}
spec:
  descriptorSet: {configMapRef: {name: prices-proto, key: prices.binpb}}
  unknownQueryParameters: Reject
  convertGrpcStatus: true
  print: {defaultValues: true}
`,
  },
  {
    definition: sidecar,
    plural: 'sidecars',
    file: 'sidecar',
    summary: 'An Envoy beside the pods of a Service: it makes their calls to other Services, and takes calls to them.',
    columns: [{ name: 'Service', type: 'string', jsonPath: '.spec.service' }],
    example: `apiVersion: gateway.sluice.dev/v1alpha1
kind: Sidecar
metadata: {name: storefront}
spec:
  service: storefront
  reach: [catalog, billing/invoices]
  outbound: {address: 127.0.0.1, port: 15001}
  inbound: [{port: 15006, to: "127.0.0.1:8080"}]
`,
  },
];
