import { encode } from '../../src/proto/codec.ts';

interface FakeHistogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly isCumulative?: boolean;
}

/** What Envoy's OpenTelemetry sink sends: an encoded report with these histograms by name. */
export function latencyReport(options: { readonly node: string; readonly group: string; readonly metrics: Readonly<Record<string, FakeHistogram>> }): Buffer {
  const attributes = Object.entries({ 'service.name': options.group, 'service.instance.id': options.node });
  const metrics = Object.entries(options.metrics).map(([name, { bounds, counts, isCumulative = false }]) => ({
    name,
    histogram: {
      data_points: [{ count: 1, bucket_counts: [...counts], explicit_bounds: [...bounds] }],
      aggregation_temporality: isCumulative ? ('AGGREGATION_TEMPORALITY_CUMULATIVE' as const) : ('AGGREGATION_TEMPORALITY_DELTA' as const),
    },
  }));
  const resource = { attributes: attributes.map(([key, value]) => ({ key, value: { string_value: value } })) };
  const message = { resource_metrics: [{ resource, scope_metrics: [{ metrics }] }] };
  return Buffer.from(encode('opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest', message));
}
