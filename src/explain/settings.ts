import type { Backend, HashInput, HealthCheck } from '../ir/backend.ts';
import type { ForwardAction, Session } from '../ir/route.ts';
import type { WrittenAt } from '../ir/written-at.ts';
import type { Setting } from './explanation.ts';

type Value = Setting['value'];

/** Values by the fields of a policy; undefined: there is no such thing here. */
type Values = Readonly<Record<string, Value | undefined>>;

/** What happens to the requests of a route, by the fields of a TrafficPolicy. */
export function routeSettings({ retry, timeouts, stickyOn, session, writtenAt }: ForwardAction): readonly Setting[] {
  const { requestMs, perTryMs, streamIdleMs } = timeouts;
  return settings(writtenAt, {
    'retries.count': retry?.count ?? 0,
    ...(retry &&
      retry.count > 0 && {
        'retries.on': retry.on,
        'retries.onIdempotent': retry.onIdempotent,
        'retries.statusCodes': retry.statusCodes.length > 0 ? retry.statusCodes.map(String) : undefined,
        'retries.perTryTimeout': duration(perTryMs ?? 0),
        'retries.backoff.base': duration(retry.backoffBaseMs),
        'retries.backoff.max': duration(retry.backoffMaxMs),
      }),
    'timeouts.request': duration(requestMs),
    'timeouts.streamIdle': duration(streamIdleMs ?? defaultStreamIdleMs),
    'split.stickyOn': stickyOn && hashText(stickyOn),
    sessionAffinity: session && sessionText(session),
  });
}

/** Of every listener. */
const defaultStreamIdleMs = 300_000;

/**
 * How requests reach the endpoints of a backend, by the fields of a BackendPolicy.
 * @param askedAt where the route asks for what no policy of the backend says. Undefined: it asks for nothing.
 */
export function backendSettings(backend: Backend, askedAt?: WrittenAt): readonly Setting[] {
  const { loadBalancer, slowStart, outlierDetection: ejection, circuitBreaker, tcpKeepalive, tls } = backend;
  return settings((field) => backend.writtenAt?.(field) ?? askedAt?.(field), {
    'loadBalancer.type': loadBalancer.type,
    'loadBalancer.choices': loadBalancer.choices,
    'loadBalancer.hashOn': loadBalancer.hashOn.length > 0 ? loadBalancer.hashOn.map(hashText) : undefined,
    'slowStart.mode': slowStart?.by ?? 'Off',
    ...(slowStart && {
      'slowStart.window': duration(slowStart.windowMs),
      'slowStart.aggression': slowStart.aggression,
      'slowStart.minWeightPercent': slowStart.minWeightPercent,
    }),
    'outlierDetection.preset': ejection ? 'Auto' : 'Off',
    ...(ejection && {
      'outlierDetection.consecutive5xx': ejection.consecutive5xx,
      'outlierDetection.consecutiveGatewayErrors': ejection.consecutiveGatewayErrors,
      'outlierDetection.consecutiveLocalErrors': ejection.consecutiveLocalErrors,
      'outlierDetection.interval': duration(ejection.intervalMs),
      'outlierDetection.baseEjection': duration(ejection.baseEjectionMs),
      'outlierDetection.maxEjection': duration(ejection.maxEjectionMs),
      'outlierDetection.maxEjectionPercent': ejection.maxEjectionPercent,
      'outlierDetection.alwaysEjectOne': ejection.alwaysEjectOne,
      'outlierDetection.successRate': ejection.successRate && fieldsText(ejection.successRate),
      'outlierDetection.failurePercentage': ejection.failurePercentage && fieldsText(ejection.failurePercentage),
    }),
    ...healthCheckValues(backend.healthChecks[0]),
    'circuitBreaker.maxConnections': circuitBreaker.maxConnections,
    'circuitBreaker.maxPendingRequests': circuitBreaker.maxPendingRequests,
    'circuitBreaker.maxRequests': circuitBreaker.maxRequests,
    'circuitBreaker.retryBudget.percent': circuitBreaker.retryBudget.percent,
    'circuitBreaker.retryBudget.minConcurrent': circuitBreaker.retryBudget.minConcurrent,
    'timeouts.connect': duration(backend.connectTimeoutMs),
    'timeouts.idle': duration(backend.idleTimeoutMs),
    'tcpKeepalive.time': tcpKeepalive ? duration(tcpKeepalive.timeMs) : 'off',
    ...(tcpKeepalive && { 'tcpKeepalive.interval': duration(tcpKeepalive.intervalMs), 'tcpKeepalive.probes': tcpKeepalive.probes }),
    protocol: backend.protocol === 'http2' ? 'HTTP2' : 'HTTP1',
    'tls.hostname': tls ? (tls.hostname ?? 'not sent') : 'off',
    'locality.prefer': backend.preferLocalZone ? 'Zone' : 'None',
    panicThresholdPercent: backend.panicThresholdPercent,
  });
}

function healthCheckValues(check: HealthCheck | undefined): Values {
  if (!check) return { healthCheck: 'off' };
  const { probe } = check;
  return {
    [`healthCheck.${probe.type}`]: probe.type === 'http' ? probe.path : probe.type === 'grpc' ? (probe.service ?? 'the server as a whole') : 'connects',
    'healthCheck.interval': duration(check.intervalMs),
    'healthCheck.timeout': duration(check.timeoutMs),
    'healthCheck.healthy': check.healthy,
    'healthCheck.unhealthy': check.unhealthy,
  };
}

function settings(writtenAt: WrittenAt | undefined, values: Values): readonly Setting[] {
  return Object.entries(values).flatMap(([field, value]) => {
    if (value === undefined) return [];
    const origin = writtenAt?.(field);
    return origin ? { field, value, from: 'written', origin } : { field, value, from: 'default' };
  });
}

function hashText(input: HashInput): string {
  return input.type === 'clientAddress' ? input.type : `${input.type} ${input.name}`;
}

function sessionText({ type, name }: Session): string {
  return `${type} ${name}`;
}

function fieldsText(fields: Readonly<Record<string, number>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** As policies write it, in the largest unit without a rest. */
function duration(milliseconds: number): string {
  const unit = (['h', 'm', 's'] as const).find((one) => milliseconds > 0 && milliseconds % unitMs[one] === 0);
  if (unit) return `${milliseconds / unitMs[unit]}${unit}`;
  return milliseconds === 0 ? '0s' : `${milliseconds}ms`;
}

const unitMs = { h: 3_600_000, m: 60_000, s: 1000 } as const;
