import { encode } from '../../src/proto/codec.ts';

/** What Envoy's OpenTelemetry access logger sends: an encoded report with a record for each text. */
export function clientReport(options: { readonly node: string; readonly group: string; readonly listener: string; readonly texts: readonly string[] }): Buffer {
  const attributes = Object.entries({ log_name: options.listener, zone_name: '', cluster_name: options.group, node_name: options.node });
  const resource = { attributes: attributes.map(([key, value]) => ({ key, value: { string_value: value } })) };
  const log_records = options.texts.map((text) => ({ body: { string_value: text } }));
  const message = { resource_logs: [{ resource, scope_logs: [{ log_records }] }] };
  return Buffer.from(encode('opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest', message));
}
