import type { OutlierDetection } from '../../ir/backend.ts';
import type { Message } from '../../proto/message.ts';
import { bool, duration, uint32 } from '../../proto/values.ts';

/**
 * When failing endpoints are left out. Every detector is switched on or off by its `enforcing` share, since Envoy's own mixture
 * (success rate on, gateway errors off) is nobody's intention.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/outlier_detection.proto
 */
export function outlierDetection(detection: OutlierDetection): Message<'envoy.config.cluster.v3.OutlierDetection'> {
  const { successRate, failurePercentage, consecutiveLocalErrors } = detection;
  return {
    interval: duration(detection.intervalMs),
    base_ejection_time: duration(detection.baseEjectionMs),
    max_ejection_time: duration(detection.maxEjectionMs),
    max_ejection_percent: uint32(detection.maxEjectionPercent),
    always_eject_one_host: bool(detection.alwaysEjectOne),
    ...inARow('consecutive_5xx', 'enforcing_consecutive_5xx', detection.consecutive5xx),
    ...inARow('consecutive_gateway_failure', 'enforcing_consecutive_gateway_failure', detection.consecutiveGatewayErrors),
    ...(consecutiveLocalErrors !== undefined && {
      split_external_local_origin_errors: true,
      ...inARow('consecutive_local_origin_failure', 'enforcing_consecutive_local_origin_failure', consecutiveLocalErrors),
      enforcing_local_origin_success_rate: uint32(0),
    }),
    enforcing_success_rate: uint32(successRate ? 100 : 0),
    ...(successRate && {
      success_rate_minimum_hosts: uint32(successRate.minEndpoints),
      success_rate_request_volume: uint32(successRate.requestVolume),
      success_rate_stdev_factor: uint32(Math.round(successRate.stdevFactor * 1000)),
    }),
    enforcing_failure_percentage: uint32(failurePercentage ? 100 : 0),
    ...(failurePercentage && {
      failure_percentage_threshold: uint32(failurePercentage.threshold),
      failure_percentage_minimum_hosts: uint32(failurePercentage.minEndpoints),
      failure_percentage_request_volume: uint32(failurePercentage.requestVolume),
    }),
    // A health page that is fine must not bring back at once an endpoint whose answers are not.
    successful_active_health_check_uneject_host: bool(false),
  };
}

function inARow<Count extends string, Enforcing extends string>(count: Count, enforcing: Enforcing, times: number) {
  const on = times > 0 ? { [count]: uint32(times) } : {};
  return { ...on, [enforcing]: uint32(times > 0 ? 100 : 0) } as Partial<Record<Count | Enforcing, Message<'google.protobuf.UInt32Value'>>>;
}
