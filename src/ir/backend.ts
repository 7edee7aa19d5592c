import type { Origin } from '../diagnostic.ts';
import type { WrittenAt } from './written-at.ts';

/** A set of endpoints that requests are balanced over: one Envoy cluster. */
export interface Backend {
  /** `NAMESPACE/SERVICE/PORT`, with `~VARIANT` only where routes need different settings for the same Service: see `backendName`. */
  readonly name: string;
  readonly endpoints: EndpointOrigin;
  readonly protocol: 'http1' | 'http2';
  readonly loadBalancer: LoadBalancer;
  /** Undefined: a new endpoint has its full share at once. */
  readonly slowStart?: SlowStart;
  readonly outlierDetection?: OutlierDetection;
  readonly healthChecks: readonly HealthCheck[];
  readonly circuitBreaker: CircuitBreaker;
  readonly connectTimeoutMs: number;
  /** Unused connections are closed after this. Below the server's own keep-alive, or a request may meet a closing connection. */
  readonly idleTimeoutMs: number;
  /** Requests after which a connection is closed, from 1. Undefined: any number. */
  readonly maxRequestsPerConnection?: number;
  /** How long a connection is used. Undefined: as long as it is not idle. */
  readonly maxConnectionMs?: number;
  /** Undefined: off. */
  readonly tcpKeepalive?: TcpKeepalive;
  /** Undefined: plain text. */
  readonly tls?: UpstreamTls;
  /** Connections begin with a PROXY header that names the client. */
  readonly sendsProxyHeader?: true;
  /** Endpoints of Envoy's own zone first. */
  readonly preferLocalZone: boolean;
  /** Below this share of healthy endpoints all of them get traffic again, 0 to 100. */
  readonly panicThresholdPercent: number;
  /** Where its settings are written. Undefined: nowhere. */
  readonly writtenAt?: WrittenAt;
  /** The Service or Backend, then the policies that shaped it. */
  readonly origins: readonly Origin[];
}

/** Where the endpoints of a backend come from. */
export type EndpointOrigin =
  /** EndpointSlices of a Service, by EDS. `port` is the name of the Service's port, `''` for an unnamed one. */
  | { readonly type: 'service'; readonly namespace: string; readonly service: string; readonly port: string; readonly isUdp?: true }
  /** Fixed addresses of a `Backend` object, by EDS as well, so that a change touches no cluster. */
  | { readonly type: 'static'; readonly namespace: string; readonly backend: string; readonly port: number }
  /** Names that Envoy resolves itself (ExternalName, `Backend` with a hostname): the endpoints are part of the cluster. */
  | { readonly type: 'dns'; readonly hosts: readonly DnsHost[] }
  /** The application beside a sidecar: one address, part of the cluster, as it never changes. */
  | { readonly type: 'local'; readonly address: string; readonly port: number }
  /** A process beside Envoy, by a Unix socket. */
  | { readonly type: 'socket'; readonly path: string };

/** A name, or an address among names, that Envoy connects to. */
export interface DnsHost {
  /** Name or address. */
  readonly hostname: string;
  readonly port: number;
  readonly weight: number;
  readonly zone?: string;
}

/** The endpoints of one backend now: one ClusterLoadAssignment. */
export interface EndpointSet {
  /** `Backend.name`. */
  readonly cluster: string;
  readonly endpoints: readonly Endpoint[];
  readonly origins: readonly Origin[];
}

/** One address and port that requests can go to. */
export interface Endpoint {
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
  /** `draining`: no new requests, running ones finish. */
  readonly health: 'healthy' | 'draining';
  /** It ends, and counts as healthy only since no endpoint of its Service is ready. Undefined: it does not. */
  readonly isEnding?: true;
  /** Relative to the others, from 1. */
  readonly weight: number;
  readonly zone?: string;
  /** When an endpoint of its slice became ready or went last, in milliseconds since 1970, as Kubernetes noted it. Undefined: nobody did. */
  readonly lastChangeAt?: number;
}

/** How an endpoint is chosen for a request. */
export interface LoadBalancer {
  readonly type: 'RoundRobin' | 'LeastRequest' | 'Random' | 'RingHash' | 'Maglev';
  /** LeastRequest: how many endpoints are compared. */
  readonly choices?: number;
  /** RingHash and Maglev: what is hashed, the first input that a request has, and those behind one that goes on. */
  readonly hashOn: readonly HashInput[];
}

/** What of a request a hash is made of. */
export type HashInput = {
  /** Inputs behind it are hashed too. Undefined: where a request has it, it decides alone. */
  readonly goesOn?: true;
} & (
  | { readonly type: 'header'; readonly name: string }
  /** With `ttlMs` Envoy makes the cookie where it is missing; 0: a session cookie; undefined: only a cookie that is there is hashed. */
  | { readonly type: 'cookie'; readonly name: string; readonly ttlMs?: number }
  | { readonly type: 'query'; readonly name: string }
  | { readonly type: 'clientAddress' }
);

/**
 * How the share of a new endpoint grows.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start
 */
export interface SlowStart {
  /** Who raises it: Envoy, from when it first saw the endpoint, or Sluice by the weights that it sends, from when the endpoint was first ready. */
  readonly by: 'Envoy' | 'Sluice';
  readonly windowMs: number;
  /** 1: linear; above 1: faster at first. */
  readonly aggression: number;
  /** Share of its full weight that a new endpoint begins with, 1 to 100. */
  readonly minWeightPercent: number;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier */
export interface OutlierDetection {
  readonly intervalMs: number;
  readonly baseEjectionMs: number;
  readonly maxEjectionMs: number;
  readonly maxEjectionPercent: number;
  /** Whether one endpoint may be ejected even where that is more than `maxEjectionPercent`. */
  readonly alwaysEjectOne: boolean;
  /** Answers of 500 and above in a row; 0: off. */
  readonly consecutive5xx: number;
  /** 502, 503, 504 in a row; 0: off. */
  readonly consecutiveGatewayErrors: number;
  /** Failures to connect, resets, time-outs in a row; undefined: counted as 5xx. 0: off. */
  readonly consecutiveLocalErrors?: number;
  /** Undefined: off. */
  readonly successRate?: { readonly minEndpoints: number; readonly requestVolume: number; readonly stdevFactor: number };
  /** Undefined: off. */
  readonly failurePercentage?: { readonly threshold: number; readonly minEndpoints: number; readonly requestVolume: number };
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking */
export interface HealthCheck {
  readonly probe:
    | { readonly type: 'http'; readonly path: string; readonly host?: string; readonly statuses: readonly StatusRange[] }
    | { readonly type: 'tcp' }
    | { readonly type: 'grpc'; readonly host: string; readonly service?: string };
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthy: number;
  readonly unhealthy: number;
}

/** Status codes from `start` to `end`, both included. */
interface StatusRange {
  readonly start: number;
  readonly end: number;
}

/** Limits of each Envoy towards a backend; what is above them is answered with 503. */
export interface CircuitBreaker {
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  /** Retries under way: at most this share of the active requests, and never less than the minimum allows. */
  readonly retryBudget: { readonly percent: number; readonly minConcurrent: number };
}

/** Probes of the kernel on connections to endpoints. */
export interface TcpKeepalive {
  readonly timeMs: number;
  readonly intervalMs: number;
  readonly probes: number;
}

/** TLS towards the endpoints. */
export interface UpstreamTls {
  /** SNI, and the name that the certificate must have unless `subjectAltNames` says otherwise. Undefined: none is said. */
  readonly hostname?: string;
  /** Set: any certificate is taken, whoever it is of. */
  readonly isUnverified?: true;
  /** Undefined: from 1.2 on. */
  readonly versions?: { readonly minimum: '1.2' | '1.3'; readonly maximum: '1.2' | '1.3' };
  /** Of TLS 1.2, in order of preference, as Envoy writes them. Undefined: those of Envoy. */
  readonly ciphers?: readonly string[];
  /** How many authorities may stand between the certificate and one that is trusted. Undefined: any number. */
  readonly verifyDepth?: number;
  /** Undefined: the authorities of the system that Envoy runs on. Else the name of an `authority` secret. */
  readonly authority?: string;
  /** Name of a `certificate` secret that Envoy shows. */
  readonly clientCertificate?: string;
  readonly subjectAltNames: readonly { readonly type: 'dns' | 'uri'; readonly value: string }[];
}
