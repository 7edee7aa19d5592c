import { diagnostic } from '../../diagnostic.ts';
import type { HealthCheck } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultHealthCheck } from '../defaults.ts';
import type { PolicyContext, PolicySpec } from './policy.ts';

type Written = NonNullable<PolicySpec['healthCheck']>;

/**
 * Endpoints are asked whether they are well. Empty: off.
 * Gives `HealthCheckIgnored` where no way of asking is written, or gRPC is asked for of a backend that speaks HTTP/1.1.
 * @param host Host header unless one is written; for gRPC the authority.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking
 */
export function healthChecksOf({ policy, report }: PolicyContext, protocol: 'http1' | 'http2', host: string): readonly HealthCheck[] {
  const written = policy.spec.healthCheck;
  if (!written) return [];
  const probe = probeOf(written, host);
  if (!probe) {
    const message = 'The health check says neither `http` nor `tcp` nor `grpc`, so the endpoints are not checked.';
    report(diagnostic('HealthCheckIgnored', policy.origin('healthCheck'), message, 'Write how to ask: `http: {path: /health}`, `tcp: {}` or `grpc: {}`.'));
    return [];
  }
  if (probe.type === 'grpc' && protocol === 'http1') {
    const message = 'A health check by gRPC needs HTTP/2, and the backend speaks HTTP/1.1, so its endpoints are not checked.';
    report(
      diagnostic(
        'HealthCheckIgnored',
        policy.origin('healthCheck', 'grpc'),
        message,
        'Write `protocol: HTTP2`, or `appProtocol: kubernetes.io/h2c` at the port.',
      ),
    );
    return [];
  }
  const { interval, timeout } = written;
  return [
    {
      probe,
      intervalMs: interval === undefined ? defaultHealthCheck.intervalMs : durationMs(interval),
      timeoutMs: timeout === undefined ? defaultHealthCheck.timeoutMs : durationMs(timeout),
      healthy: written.healthy ?? defaultHealthCheck.healthy,
      unhealthy: written.unhealthy ?? defaultHealthCheck.unhealthy,
    },
  ];
}

function probeOf({ http, tcp, grpc }: Written, host: string): HealthCheck['probe'] | undefined {
  if (http) {
    const statuses = [...new Set(http.statuses ?? [200])].sort((a, b) => a - b).map((status) => ({ start: status, end: status }));
    return { type: 'http', path: http.path, host: http.host ?? host, statuses };
  }
  if (tcp) return { type: 'tcp' };
  return grpc && { type: 'grpc', host, ...(grpc.service === undefined ? {} : { service: grpc.service }) };
}
