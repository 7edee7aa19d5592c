import type { CircuitBreaker, HealthCheck, LoadBalancer, OutlierDetection, SlowStart, TcpKeepalive } from '../ir/backend.ts';
import type { Retry, RouteTimeouts } from '../ir/route.ts';

/**
 * Only failures of which it is certain that the backend saw nothing of the request: so a POST is safe to be tried again.
 * Together with a way out of an endpoint that refuses (another one is drawn) a rollout in which endpoints go away a little
 * before Envoy hears of it costs no request. Answers are never retried unless a route says so.
 */
export const defaultRetry: Retry = {
  on: ['connect-failure', 'refused-stream', 'reset-before-request'],
  statusCodes: [],
  count: 3,
  backoffBaseMs: 25,
  backoffMaxMs: 250,
};

/** No limit for the whole request: Envoy's own 15 s cut downloads, long polls and streams that worked behind nginx. */
export const defaultRouteTimeouts: RouteTimeouts = { requestMs: 0 };

/**
 * Two endpoints are drawn and the one with fewer requests under way is taken: slow endpoints (a cold JVM, a long garbage
 * collection) get less, which round robin does not see. Its weakness, that an endpoint that refuses is always idle, is
 * covered by retries on another endpoint and by ejection.
 */
export const defaultLoadBalancer: LoadBalancer = { type: 'LeastRequest', choices: 2, hashOn: [] };

/** Slow start is off unless a policy asks for it; then these hold. The floor of 10 % is Envoy's own and keeps a new endpoint measurable. */
export const defaultSlowStart: Omit<SlowStart, 'by'> = { windowMs: 30_000, aggression: 1, minWeightPercent: 10 };

/**
 * The preset `Auto`: five failures in a row, of whatever kind, eject. Failed connects count together with answers of 500 and
 * above (no split): an endpoint that now refuses and now answers 503 is as broken as one that does only one of both.
 *
 * Envoy's own limits bite: at most 10 % are ejected, which is nobody below ten endpoints, and an ejected endpoint is looked at
 * every 10 s. Half of the endpoints may go, and one always may. With the panic threshold of 50 % this leaves the bad one at 2 and
 * at 3 endpoints (a healthy half is not less than half), up to 15 of 30, and keeps serving where there is only one.
 */
export const defaultOutlierDetection: OutlierDetection = {
  intervalMs: 1000,
  baseEjectionMs: 10_000,
  maxEjectionMs: 300_000,
  maxEjectionPercent: 50,
  alwaysEjectOne: true,
  consecutive5xx: 5,
  consecutiveGatewayErrors: 0,
};

/** What is not written of `successRate`: Envoy's own numbers. */
export const defaultSuccessRate = { minEndpoints: 5, requestVolume: 100, stdevFactor: 1.9 } as const;

/** What is not written of `failurePercentage`: Envoy's own numbers. */
export const defaultFailurePercentage = { threshold: 85, minEndpoints: 5, requestVolume: 50 } as const;

/** What is not written of a health check. A broken endpoint is out after 6 s at the most. */
export const defaultHealthCheck: Omit<HealthCheck, 'probe'> = { intervalMs: 2000, timeoutMs: 1000, healthy: 2, unhealthy: 3 };

/**
 * High enough to be no limit in normal times. Envoy's own (1024 connections and requests, and three retries at a time) turn a
 * short peak into 503s; the three retries alone let any recipe of retries fail under load. A budget grows with the traffic:
 * a quarter of it may be retries, and fifty always.
 */
export const defaultCircuitBreaker: CircuitBreaker = {
  maxConnections: 10_000,
  maxPendingRequests: 10_000,
  maxRequests: 10_000,
  retryBudget: { percent: 25, minConcurrent: 50 },
};

/** A connection within a network is made in milliseconds; Envoy's own 5 s would hold a request for 5 s before its retry. */
export const defaultConnectTimeoutMs = 1000;

/**
 * Unused HTTP/1.1 connections are closed before the server does it: a request that meets a closing connection fails, and a POST is
 * not retried then. Node closes after 5 s, the shortest of the usual servers; 80 % of that. HTTP/2 says goodbye (GOAWAY), so that
 * no request meets a closing connection, and connections are dear: five minutes.
 */
export const defaultIdleTimeoutMs = { http1: 4000, http2: 300_000 } as const;

/** Off unless a policy asks for it; then these hold: a dead peer is found after 90 s. */
export const defaultTcpKeepalive: TcpKeepalive = { timeMs: 60_000, intervalMs: 10_000, probes: 3 };

/** Where fewer than half of the endpoints are healthy, the fault is likely not theirs, and the few would be overrun. Envoy's own. */
export const defaultPanicThresholdPercent = 50;
