import type { SettingKey } from './index.ts';

/** Keys that Sluice does not act on yet: whatever their verdict, the report says so. */
export const awaitedSettings: ReadonlySet<SettingKey> = new Set<SettingKey>([
  'enable-opentelemetry',
  'opentelemetry-operation-name',
  'opentelemetry-trust-incoming-span',
  'otel-max-export-batch-size',
  'otel-max-queuesize',
  'otel-sampler',
  'otel-sampler-parent-based',
  'otel-sampler-ratio',
  'otel-schedule-delay-millis',
  'otel-service-name',
  'otlp-collector-host',
  'otlp-collector-port',
  'proxy-stream-responses',
]);
