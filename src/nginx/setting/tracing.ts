import { anyText, bool, characters, int, text } from '../form.ts';
import { setting } from '../setting.ts';

/** Spans of OpenTelemetry. */
export const tracingSettings = {
  'enable-opentelemetry': setting('near', bool, false, 'Whether spans of requests are sent to a collector.'),
  'opentelemetry-config': setting('report', anyText, '/etc/ingress-controller/telemetry/opentelemetry.toml', 'Not done: it is the file of a module of nginx.'),
  'opentelemetry-operation-name': setting('near', anyText, '', 'The name of the span of a request.'),
  'opentelemetry-trust-incoming-span': setting('near', bool, true, 'Whether the span of the client is the parent.'),
  'otel-max-export-batch-size': setting('near', int, 512, 'How many spans are sent together.'),
  'otel-max-queuesize': setting('near', int, 2048, 'How many spans wait to be sent.'),
  'otel-sampler': setting('near', anyText, 'AlwaysOn', 'Which requests have spans: `AlwaysOn`, `AlwaysOff` or `TraceIdRatioBased`.'),
  'otel-sampler-parent-based': setting('near', bool, true, 'Whether the decision of the client about spans counts.'),
  'otel-sampler-ratio': setting('near', text(characters.basic, 'a number'), '0.01', 'The share of requests with spans, for `TraceIdRatioBased`.'),
  'otel-schedule-delay-millis': setting('near', int, 5000, 'How long spans wait for others before they are sent.'),
  'otel-service-name': setting('near', anyText, 'nginx', 'The name of the service in spans.'),
  'otlp-collector-host': setting('near', anyText, '', 'The host of the collector, for OTLP by gRPC.'),
  'otlp-collector-port': setting('near', anyText, '4317', 'The port of the collector.'),
} as const;
