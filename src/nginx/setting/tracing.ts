import { anyText, bool, characters, int, text } from '../form.ts';
import { setting } from '../setting.ts';

/** Spans of OpenTelemetry. */
export const tracingSettings = {
  'enable-opentelemetry': setting('near', bool, false, 'HCM tracing (OTLP).'),
  'opentelemetry-config': setting('report', anyText, '/etc/ingress-controller/telemetry/opentelemetry.toml', 'File of the nginx module.'),
  'opentelemetry-operation-name': setting('near', anyText, '', 'HCM tracing (OTLP).'),
  'opentelemetry-trust-incoming-span': setting('near', bool, true, 'HCM tracing (OTLP).'),
  'otel-max-export-batch-size': setting('near', int, 512, 'HCM tracing (OTLP).'),
  'otel-max-queuesize': setting('near', int, 2048, 'HCM tracing (OTLP).'),
  'otel-sampler': setting('near', anyText, 'AlwaysOn', 'HCM tracing (OTLP).'),
  'otel-sampler-parent-based': setting('near', bool, true, 'HCM tracing (OTLP).'),
  'otel-sampler-ratio': setting('near', text(characters.basic, 'a number'), '0.01', 'HCM tracing (OTLP).'),
  'otel-schedule-delay-millis': setting('near', int, 5000, 'HCM tracing (OTLP).'),
  'otel-service-name': setting('near', anyText, 'nginx', 'HCM tracing (OTLP).'),
  'otlp-collector-host': setting('near', anyText, '', 'HCM tracing (OTLP).'),
  'otlp-collector-port': setting('near', anyText, '4317', 'HCM tracing (OTLP).'),
} as const;
