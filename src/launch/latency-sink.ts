import { latencyBoundsMs, latencyReportMs } from '../latency-bounds.ts';
import type { Json } from '../proto/codec.ts';
import { any } from './any.ts';

const sink = 'envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig';

/** Whose latencies go where. */
interface SinkOptions {
  readonly node: string;
  readonly group: string;
  /** The cluster by which Envoy reaches Sluice. */
  readonly cluster: string;
}

/**
 * The part of a bootstrap by which Envoy tells how long the requests to each cluster took. Of all its statistics only these
 * histograms are sent, and only of clusters that had a request since the time before.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/stat_sinks/open_telemetry/v3/open_telemetry.proto
 */
export function latencySink({ node, group, cluster }: SinkOptions): Readonly<Record<string, Json>> {
  return {
    stats_config: { histogram_bucket_settings: [{ match: { suffix: latencies }, buckets: [...latencyBoundsMs] }] },
    stats_flush_interval: `${latencyReportMs / 1000}s`,
    stats_sinks: [
      {
        name: 'envoy.stat_sinks.open_telemetry',
        typed_config: any(sink, {
          grpc_service: { envoy_grpc: { cluster_name: cluster } },
          // Envoy's node is not in what this sink sends.
          resource_detectors: [
            {
              name: 'envoy.tracers.opentelemetry.resource_detectors.static_config',
              typed_config: any('envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig', {
                attributes: { 'service.name': group, 'service.instance.id': node },
              }),
            },
          ],
          report_histograms_as_deltas: true,
          // The whole name says the cluster; Envoy's tags end it at its first dot.
          emit_tags_as_attributes: false,
          use_tag_extracted_name: false,
          custom_metric_conversions: { matcher_list: { matchers: [{ predicate: isNoLatency, on_match: { action: drop } }] } },
        }),
      },
    ],
  };
}

const latencies = '.upstream_rq_time';

const isCalled = (match: Readonly<Record<string, Json>>): Json => ({
  single_predicate: {
    input: { name: 'name', typed_config: any('envoy.extensions.matching.common_inputs.stats.v3.StatFullNameMatchInput', {}) },
    value_match: match,
  },
});

/** Envoy counts each request twice: for all, and for those from inside or outside. */
const isNoLatency: Json = {
  or_matcher: {
    predicate: [
      { not_matcher: isCalled({ suffix: latencies }) },
      { not_matcher: isCalled({ prefix: 'cluster.' }) },
      isCalled({ suffix: `.external${latencies}` }),
      isCalled({ suffix: `.internal${latencies}` }),
    ],
  },
};

const drop: Json = { name: 'drop', typed_config: any(`${sink}.DropAction`, {}) };
