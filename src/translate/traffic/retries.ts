import type { Retry } from '../../ir/route.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultRetry } from '../defaults.ts';
import type { TrafficSpec } from './effective.ts';

type Failure = NonNullable<NonNullable<TrafficSpec['retries']>['on']>[number];

/** @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on */
const words: Readonly<Record<Failure, string>> = {
  ConnectFailure: 'connect-failure',
  RefusedStream: 'refused-stream',
  ResetBeforeRequest: 'reset-before-request',
  Reset: 'reset',
  GatewayError: 'gateway-error',
  ServerError: '5xx',
  Cancelled: 'cancelled',
  DeadlineExceeded: 'deadline-exceeded',
  Internal: 'internal',
  ResourceExhausted: 'resource-exhausted',
  Unavailable: 'unavailable',
};

/** Answers with one of the status codes. */
export const onStatusCodes = 'retriable-status-codes';

/** What an HTTPRoute says of retries. @see https://gateway-api.sigs.k8s.io/geps/gep-1731/ */
export interface RouteRetry {
  readonly codes?: readonly number[] | undefined;
  readonly attempts?: number | undefined;
  readonly backoff?: string | undefined;
}

/**
 * Which failures are tried again: what the rule of an HTTPRoute says itself, over what policies say, over the defaults. The
 * failures of which a backend has seen nothing stay beside the status codes that a rule names.
 * @param written `retry` of the rule.
 * @param hasTryTimeout whether the rule says how long a try may take: one that took longer is then tried again, as GEP-1731
 * asks; for Envoy such a try was reset.
 * @param weakest what holds where nobody says anything.
 */
export function retryOf({ retries }: TrafficSpec, written: RouteRetry | undefined, hasTryTimeout: boolean, weakest: Retry = defaultRetry): Retry {
  if (!retries && !written) return weakest;
  const on = retries?.on?.map((failure) => words[failure]) ?? weakest.on;
  const onIdempotent = [
    ...(retries?.onIdempotent?.map((failure) => words[failure]) ?? weakest.onIdempotent.filter((word) => word !== onStatusCodes)),
    // Status codes that are for these alone stay so: a policy cannot name them, and whoever speaks of other failures does not mean POST.
    ...(!written?.codes && weakest.onIdempotent.includes(onStatusCodes) ? [onStatusCodes] : []),
  ];
  const onTimeout = written && hasTryTimeout && !on.includes('reset') ? ['reset'] : [];
  const base = written?.backoff ?? retries?.backoff?.base;
  const backoffBaseMs = base === undefined ? defaultRetry.backoffBaseMs : Math.max(1, durationMs(base));
  // Of a rule only the base is known; it shall grow.
  const max = written?.backoff === undefined ? retries?.backoff?.max : undefined;
  const grown = written?.backoff === undefined ? backoffBaseMs : backoffBaseMs * 10;
  return {
    on: [...on, ...onTimeout],
    onIdempotent: onIdempotent.filter((word) => ![...on, ...onTimeout].includes(word)),
    statusCodes: written?.codes ?? weakest.statusCodes,
    count: written?.attempts ?? retries?.count ?? weakest.count,
    backoffBaseMs,
    backoffMaxMs: Math.max(max === undefined ? defaultRetry.backoffMaxMs : durationMs(max), grown),
  };
}
