import type { z } from 'zod';
import { backend } from './backend.ts';
import { backendPolicy } from './backend-policy.ts';
import { backendTlsPolicy } from './backend-tls-policy.ts';
import { configMap } from './config-map.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { endpointSlice } from './endpoint-slice.ts';
import { gateway } from './gateway.ts';
import { gatewayClass } from './gateway-class.ts';
import { gatewayConfig } from './gateway-config.ts';
import { grpcJsonTranscoder } from './grpc-json-transcoder.ts';
import { grpcRoute } from './grpc-route.ts';
import { httpRoute } from './http-route.ts';
import { ingress } from './ingress.ts';
import { ingressClass } from './ingress-class.ts';
import type { KindDefinition } from './kind.ts';
import { namespace } from './namespace.ts';
import { referenceGrant } from './reference-grant.ts';
import { secret } from './secret.ts';
import { service } from './service.ts';
import { sidecar } from './sidecar.ts';
import { trafficPolicy } from './traffic-policy.ts';

/** Every kind that Sluice reads. A new kind is one file and one line here; a test fails where a file of the folder is missing. */
export const kinds = {
  Backend: backend,
  BackendPolicy: backendPolicy,
  BackendTLSPolicy: backendTlsPolicy,
  ConfigMap: configMap,
  DaemonSet: daemonSet,
  Deployment: deployment,
  EndpointSlice: endpointSlice,
  Gateway: gateway,
  GatewayClass: gatewayClass,
  GatewayConfig: gatewayConfig,
  GrpcJsonTranscoder: grpcJsonTranscoder,
  GRPCRoute: grpcRoute,
  HTTPRoute: httpRoute,
  Ingress: ingress,
  IngressClass: ingressClass,
  Namespace: namespace,
  ReferenceGrant: referenceGrant,
  Secret: secret,
  Service: service,
  Sidecar: sidecar,
  TrafficPolicy: trafficPolicy,
} as const satisfies Record<string, KindDefinition>;

/** Name of a kind that Sluice reads. */
export type Kind = keyof typeof kinds;

/** The TypeScript type of a kind's objects. */
export type ObjectOf<K extends Kind> = z.infer<(typeof kinds)[K]['schema']>;
