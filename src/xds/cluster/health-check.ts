import type { HealthCheck } from '../../ir/backend.ts';
import type { Message } from '../../proto/message.ts';
import { duration, uint32 } from '../../proto/values.ts';

/**
 * How an endpoint is asked whether it is well.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/health_check.proto
 */
export function healthCheck(check: HealthCheck, protocol: 'http1' | 'http2'): Message<'envoy.config.core.v3.HealthCheck'> {
  return {
    interval: duration(check.intervalMs),
    timeout: duration(check.timeoutMs),
    healthy_threshold: uint32(check.healthy),
    unhealthy_threshold: uint32(check.unhealthy),
    // Envoy's own is 60 s and rules the second check of an endpoint that came before the first request.
    no_traffic_interval: duration(check.intervalMs),
    ...probe(check.probe, protocol),
  };
}

function probe(how: HealthCheck['probe'], protocol: 'http1' | 'http2'): Message<'envoy.config.core.v3.HealthCheck'> {
  if (how.type === 'tcp') return { tcp_health_check: {} };
  // Envoy's own authority is the name of the cluster, whose `/` and `~` servers refuse.
  if (how.type === 'grpc') return { grpc_health_check: { authority: how.host, ...(how.service !== undefined && { service_name: how.service }) } };
  return {
    http_health_check: {
      path: how.path,
      ...(how.host !== undefined && { host: how.host }),
      // Envoy's ranges end before `end`.
      expected_statuses: how.statuses.map(({ start, end }) => ({ start: String(start), end: String(end + 1) })),
      ...(protocol === 'http2' && { codec_client_type: 'HTTP2' as const }),
    },
  };
}
