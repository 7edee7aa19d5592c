import { anyText, bool, int, oneOf, share } from '../form.ts';
import { setting } from '../setting.ts';

/** Spans of OpenTelemetry. */
export const tracingSettings = {
  'enable-opentelemetry': setting(
    'near',
    bool,
    false,
    'Whether requests of Ingresses have spans; they are sent to `otlp-collector-host`, without which there are none. A request that no host name and no path takes has none.',
  ),
  'opentelemetry-config': setting('report', anyText, '/etc/ingress-controller/telemetry/opentelemetry.toml', 'Not done: it is the file of a module of nginx.'),
  'opentelemetry-operation-name': setting(
    'near',
    anyText,
    '',
    'The name of the span of a request, with variables of nginx, as they are when it begins; the path of the location unless written.',
  ),
  'opentelemetry-trust-incoming-span': setting(
    'near',
    bool,
    true,
    'Whether the span of the client is the parent. If not, `traceparent` and `tracestate` are taken from all requests, also from those without spans.',
  ),
  'otel-max-export-batch-size': setting(
    'near',
    int,
    512,
    'How many spans are sent together. Envoy has it from its bootstrap, where Sluice writes 512: `tracing.opentelemetry.min_flush_spans`. Another number is told of.',
  ),
  'otel-max-queuesize': setting('near', int, 2048, 'How many spans wait to be sent, in each thread of Envoy; more are lost.'),
  'otel-sampler': setting(
    'near',
    oneOf<'AlwaysOn' | 'AlwaysOff' | 'TraceIdRatioBased'>(['AlwaysOn', 'AlwaysOff', 'TraceIdRatioBased']),
    'AlwaysOn',
    'Which requests are recorded. A share of them is drawn by the request id, where nginx draws by the id of the trace.',
  ),
  'otel-sampler-parent-based': setting('near', bool, true, 'Whether requests with a parent are recorded as it says.'),
  'otel-sampler-ratio': setting('near', share, 0.01, 'The share of requests that are recorded, for `TraceIdRatioBased`.'),
  'otel-schedule-delay-millis': setting(
    'near',
    int,
    5000,
    'How long spans wait for others before they are sent. Envoy has it from its bootstrap, five seconds unless written: `tracing.opentelemetry.flush_interval_ms`. Another number is told of.',
  ),
  'otel-service-name': setting('near', anyText, 'nginx', 'The name of the service in spans.'),
  'otlp-collector-host': setting(
    'near',
    anyText,
    '',
    'The host of the collector, for OTLP by gRPC: a Service by its name in the cluster, or any name or address.',
  ),
  'otlp-collector-port': setting('near', int, 4317, 'The port of the collector.'),
} as const;
