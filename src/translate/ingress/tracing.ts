import { diagnostic, type Report } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import type { Sampling, Tracing } from '../../ir/gateway.ts';
import type { Controller } from '../../nginx/controller.ts';
import { settings } from '../../nginx/setting/index.ts';
import type { Reading } from '../route-context.ts';
import { readSpanName } from './log-format.ts';
import { urlBackend } from './url-backend.ts';

/** The tracing of the ports of Ingresses, and the collector. */
export interface IngressTracing {
  readonly tracing: Tracing;
  readonly collector: Backend;
}

/**
 * Where a collector is named, spans can be had, whether an Ingress asks for some or not: so that its coming and going changes no listener.
 * Gives `SettingIgnored`, and what backends give.
 */
export function tracingOf(controller: Controller, reading: Pick<Reading, 'view' | 'resolver'>, report: Report): IngressTracing | undefined {
  const { value, origin } = controller;
  const host = value('otlp-collector-host');
  const tell = (key: string, message: string, remedy: string): void => report(diagnostic('SettingIgnored', origin(key), message, remedy));
  if (host === '') {
    if (value('enable-opentelemetry')) {
      tell('enable-opentelemetry', 'No request has a span: otlp-collector-host names no collector, so nobody would get them.', 'Write otlp-collector-host.');
    }
    return undefined;
  }
  const port = value('otlp-collector-port');
  const at = origin('otlp-collector-host');
  const collector = port >= 1 && port <= 65_535 ? urlBackend('otlp', host, { scheme: 'http', port, protocol: 'http2' }, at, reading) : undefined;
  if (!collector) {
    tell(
      'otlp-collector-host',
      `${JSON.stringify(`${host}:${port}`)} is no host with a port, so no request has a span.`,
      'Write the name of a Service, or of a host.',
    );
    return undefined;
  }
  for (const [key, where] of Object.entries(ofBootstrap)) {
    if (value(key as keyof typeof ofBootstrap) === settings[key as keyof typeof ofBootstrap].fallback) continue;
    tell(key, `${key} does not hold: Envoy has it from its bootstrap alone.`, `Write the runtime key ${where} into the bootstrap of your Envoys.`);
  }
  for (const name of readSpanName(value('opentelemetry-operation-name'), () => '').unknown) {
    tell('opentelemetry-operation-name', `There is no variable $${name} here: \`-\` stands for it.`, 'Leave it out.');
  }
  return {
    tracing: {
      collector: collector.name,
      authority: `${host}:${port}`,
      serviceName: value('otel-service-name'),
      sampling: samplingOf(controller),
      trustsClients: value('opentelemetry-trust-incoming-span'),
      maxWaiting: Math.max(1, value('otel-max-queuesize')),
    },
    collector,
  };
}

/** What Envoy is told when it starts, and where. */
const ofBootstrap = {
  'otel-max-export-batch-size': 'tracing.opentelemetry.min_flush_spans',
  'otel-schedule-delay-millis': 'tracing.opentelemetry.flush_interval_ms',
} as const;

/** Which requests with spans are recorded. */
export function samplingOf({ value }: Controller): Sampling {
  const shares = { AlwaysOn: 1, AlwaysOff: 0, TraceIdRatioBased: value('otel-sampler-ratio') };
  return { share: shares[value('otel-sampler')], followsParent: value('otel-sampler-parent-based') };
}
