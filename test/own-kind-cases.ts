import { backend } from '../src/kind/backend.ts';
import { backendPolicy } from '../src/kind/backend-policy.ts';
import { gatewayConfig } from '../src/kind/gateway-config.ts';
import type { KindDefinition } from '../src/kind/kind.ts';
import { sidecar } from '../src/kind/sidecar.ts';
import { trafficPolicy } from '../src/kind/traffic-policy.ts';

const targetRefs = [{ group: '', kind: 'Service', name: 'shop' }];
const gatewayGroup = 'gateway.networking.k8s.io';

/** Specs that are right, each of one kind. */
export const goodSpecs: readonly [KindDefinition, object][] = [
  [backendPolicy, { targetRefs }],
  [backendPolicy, { targetRefs: [{ group: 'gateway.sluice.dev', kind: 'Backend', name: 'vm' }], timeouts: { idle: '0s' } }],
  [backendPolicy, { targetRefs, loadBalancer: { type: 'Maglev', hashOn: [{ clientAddress: true }, { cookie: { name: 's' } }] } }],
  [backendPolicy, { targetRefs, healthCheck: { interval: '1m30s' } }],
  [backendPolicy, { targetRefs, slowStart: { mode: 'Off' }, outlierDetection: { preset: 'Off' } }],
  [backend, { endpoints: [] }],
  [backend, { endpoints: [{ address: '::1' }, { hostname: 'vm.example.com', port: 8080 }] }],
  [gatewayConfig, {}],
  [gatewayConfig, { clientAddress: { mode: 'XForwardedFor', trustedCIDRs: ['10.0.0.0/8', '2001:db8::/32'] } }],
  [gatewayConfig, { group: 'edge', envoys: { mode: 'Shared' } }],
  [
    gatewayConfig,
    {
      envoys: {
        mode: 'PerGateway',
        replicas: 0,
        image: 'registry.example/envoy:v1.40',
        resources: { requests: { cpu: '0.5', memory: '512Mi' }, limits: { cpu: '2' } },
        nodeSelector: { 'kubernetes.io/arch': 'arm64' },
        tolerations: [{ key: 'edge', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
        service: { type: 'NodePort', externalTrafficPolicy: 'Cluster', loadBalancerSourceRanges: ['10.0.0.0/8'] },
      },
    },
  ],
  [sidecar, { service: 'shop', reach: ['catalog', 'billing/invoices'], inbound: [{ port: 1, to: '[::1]:80' }] }],
  [trafficPolicy, { targetRefs, retries: { count: 0, on: [], onIdempotent: [], perTryTimeout: '0s' } }],
  [trafficPolicy, { targetRefs, retries: { on: ['Reset'] } }],
  [trafficPolicy, { targetRefs: [{ group: gatewayGroup, kind: 'Gateway', name: 'shop', sectionName: 'http' }], split: { stickyOn: { clientAddress: true } } }],
];

/** Specs that are wrong, and what is told: `PATH: MESSAGE`. */
export const badSpecs: readonly [KindDefinition, object, RegExp][] = [
  [backendPolicy, {}, /^targetRefs: /],
  [backendPolicy, { targetRefs: [] }, /^targetRefs: /],
  [backendPolicy, { targetRefs: [{ group: '', kind: 'Backend', name: 'vm' }] }, /^targetRefs\.0: the group of a Service is empty/],
  [backendPolicy, { targetRefs, loadBalancer: { type: 'RingHash' } }, /^loadBalancer: RingHash and Maglev need `hashOn`/],
  [backendPolicy, { targetRefs, loadBalancer: { type: 'Maglev', hashOn: [{ header: 'a', query: 'b' }] } }, /^loadBalancer\.hashOn\.0: exactly one of/],
  [backendPolicy, { targetRefs, loadBalancer: { type: 'Maglev', hashOn: [{}] } }, /^loadBalancer\.hashOn\.0: exactly one of/],
  [backendPolicy, { targetRefs, healthCheck: { tcp: {}, grpc: {} } }, /^healthCheck: at most one of/],
  [backendPolicy, { targetRefs, healthCheck: { http: { path: 'health' } } }, /^healthCheck\.http\.path: a path starts with/],
  [backendPolicy, { targetRefs, timeouts: { connect: '0s' } }, /^timeouts\.connect: must be longer than 0/],
  [backendPolicy, { targetRefs, timeouts: { connect: '5' } }, /^timeouts\.connect: not a duration/],
  [backendPolicy, { targetRefs, panicThresholdPercent: 101 }, /^panicThresholdPercent: /],
  [backendPolicy, { targetRefs, slowStart: { aggression: 0 } }, /^slowStart\.aggression: /],
  [backend, { endpoints: [{ port: 80 }] }, /^endpoints\.0: exactly one of address, hostname/],
  [backend, { endpoints: [{ address: '10.0.0.1', hostname: 'a' }] }, /^endpoints\.0: exactly one of address, hostname/],
  [backend, { endpoints: [{ address: '10.0.0.300' }] }, /^endpoints\.0\.address: not an address/],
  [gatewayConfig, { clientAddress: { mode: 'XForwardedFor' } }, /^clientAddress: XForwardedFor needs `trustedCIDRs`/],
  [gatewayConfig, { clientAddress: { mode: 'XForwardedFor', trustedCIDRs: ['10.0.0.0/33'] } }, /^clientAddress\.trustedCIDRs\.0: not a range/],
  [gatewayConfig, { clientAddress: { mode: 'Peer', optional: true } }, /^clientAddress: `optional` belongs/],
  [gatewayConfig, { group: 'a/b' }, /^group: /],
  [gatewayConfig, { group: 'edge', envoys: { mode: 'PerGateway' } }, /^: with the mode PerGateway each Gateway has a group/],
  [gatewayConfig, { envoys: { mode: 'Shared', replicas: 3 } }, /^envoys: how Envoys run is said with the mode PerGateway/],
  [gatewayConfig, { envoys: { mode: 'PerGateway', resources: { limits: { cpu: 'two' } } } }, /^envoys\.resources\.limits\.cpu: not a quantity/],
  [
    gatewayConfig,
    { envoys: { mode: 'PerGateway', service: { loadBalancerSourceRanges: ['10.0.0.0/33'] } } },
    /^envoys\.service\.loadBalancerSourceRanges\.0: not a range/,
  ],
  [sidecar, { service: 'shop', reach: ['a/b/c'] }, /^reach\.0: write it as/],
  [trafficPolicy, { targetRefs: [{ group: '', kind: 'Gateway', name: 'shop' }] }, /^targetRefs\.0: Gateway, HTTPRoute and GRPCRoute are of the group/],
  [trafficPolicy, { targetRefs: [{ group: '', kind: 'Service', name: 'shop', sectionName: 'http' }] }, /^targetRefs\.0: an Ingress and a Service have no/],
  [trafficPolicy, { targetRefs, retries: { on: ['Resets'] } }, /^retries\.on\.0: /],
  [trafficPolicy, { targetRefs, retries: { backoff: { base: '0s' } } }, /^retries\.backoff\.base: must be longer than 0/],
  [trafficPolicy, { targetRefs, split: { stickyOn: {} } }, /^split\.stickyOn: exactly one of/],
  [trafficPolicy, { targetRefs, sessionAffinity: { cookie: { name: 'a' }, header: 'b' } }, /^sessionAffinity: exactly one of/],
  ...['localhost:80', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0.256:80', '::1:80', '127.0.0.1'].map((to): [KindDefinition, object, RegExp] => [
    sidecar,
    { service: 'shop', inbound: [{ port: 1, to }] },
    /^inbound\.0\.to: write it as/,
  ]),
];
