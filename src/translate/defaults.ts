import type { CircuitBreaker, HealthCheck, LoadBalancer, OutlierDetection, SlowStart, TcpKeepalive } from '../ir/backend.ts';
import type { Retry, RouteTimeouts } from '../ir/route.ts';

/**
 * Only failures of which it is certain that the backend saw nothing of the request: so a POST is safe to be tried again. Requests
 * of methods that may be sent twice are tried again after any lost connection: a backend that is killed has some in hand.
 * Together with a way out of an endpoint that refuses (another one is drawn) a rollout in which endpoints go away a little
 * before Envoy hears of it costs no request. Answers are never retried unless a route says so.
 */
export const defaultRetry: Retry = {
  on: ['connect-failure', 'refused-stream', 'reset-before-request'],
  onIdempotent: ['reset'],
  statusCodes: [],
  count: 3,
  backoffBaseMs: 25,
  backoffMaxMs: 250,
};

/** No limit for the whole request: Envoy's own 15 s cut downloads, long polls and streams that worked behind nginx. */
export const defaultRouteTimeouts: RouteTimeouts = { requestMs: 0 };

/**
 * The same for gRPC, whose callers say how long they wait. Nor is silence limited: a stream that watches something may have nothing
 * to tell for hours, and Envoy's own five minutes cut it. Peers that are gone are found by pings and by the kernel's probes.
 */
export const defaultGrpcTimeouts: RouteTimeouts = { requestMs: 0, streamIdleMs: 0 };

/**
 * Two endpoints are drawn and the one with fewer requests under way is taken: slow endpoints (a cold JVM, a long garbage
 * collection) get less, which round robin does not see. Its weakness, that an endpoint that refuses is always idle, is
 * covered by retries on another endpoint and by ejection.
 */
export const defaultLoadBalancer: LoadBalancer = { type: 'LeastRequest', choices: 2, hashOn: [] };

/** Slow start is off unless a policy asks for it; then these hold. The floor of 10 % is Envoy's own and keeps a new endpoint measurable. */
export const defaultSlowStart: Omit<SlowStart, 'by'> = { windowMs: 30_000, aggression: 1, minWeightPercent: 10 };

/**
 * The preset `Auto`, one for pools of every size, as a pool that grows must not change its cluster.
 *
 * What ejects: five failures in a row that say that the endpoint itself is out of order: 502, 503 and 504 of its own, connections
 * that fail or are reset, time-outs; of gRPC UNAVAILABLE and DEADLINE_EXCEEDED. A 500 is the answer of an application, and a page
 * that is broken is broken everywhere: it would eject one endpoint after the other. It counts only as a rate: who answers nineteen
 * of twenty requests with 500 and above, and at least ten in a second, is out as well.
 *
 * How many: two thirds of the pool, and one always. That is the bad one of two, two bad ones of three, and never all. Envoy's own
 * 10 % ejects nobody below ten endpoints. Together with the panic threshold of 33 % ejection alone never leads to panic, but in a
 * pool of one, where it means that its endpoint goes on.
 *
 * For how long: ten seconds, longer each time, but no longer than a minute: an outage of all must not leave two thirds of the pool
 * away for minutes after its end.
 */
export const defaultOutlierDetection: OutlierDetection = {
  intervalMs: 1000,
  baseEjectionMs: 10_000,
  maxEjectionMs: 60_000,
  maxEjectionPercent: 67,
  alwaysEjectOne: true,
  consecutive5xx: 0,
  consecutiveGatewayErrors: 5,
  failurePercentage: { threshold: 95, minEndpoints: 2, requestVolume: 10 },
};

/** What is not written of `successRate`: Envoy's own numbers. */
export const defaultSuccessRate = { minEndpoints: 5, requestVolume: 100, stdevFactor: 1.9 } as const;

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

/**
 * On for HTTP/2, where a stream may be silent for hours; else off unless a policy asks for it. A dead peer is found after 90 s.
 * Not by HTTP/2 pings: the servers of gRPC close connections on which they come more often than every five minutes.
 * @see https://github.com/grpc/grpc/blob/master/doc/keepalive.md
 */
export const defaultTcpKeepalive: TcpKeepalive = { timeMs: 60_000, intervalMs: 10_000, probes: 3 };

/**
 * Where fewer than a third of the endpoints are healthy, the fault is likely not theirs, and the few would be overrun: all get
 * requests. Just what ejection leaves at the least. Envoy's own 50 % would bring back two ejected ones of three.
 */
export const defaultPanicThresholdPercent = 33;
