import { type AnnotationReader, type Family, refusalOf, valueOrIgnored } from '../family.ts';
import { bool, text } from '../form.ts';

const annotations = {
  enableOpentelemetry: {
    name: 'enable-opentelemetry',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Whether requests have spans, which are sent to the collector that the settings name; without one there are none, and backends get no context.',
    difference: {
      example: 'GET /',
      holdsFor: (text) => text === 'true',
      nginx:
        'Sends a span with the attributes of its module; a share of requests it draws by the id of the trace. Without a collector it still tells backends of a span.',
      sluice:
        'Sends a span of the same name, parent and kind, with the attributes of Envoy besides; it draws by the request id. Without `otlp-collector-host` there is none at all. A context that is none gives no span, and goes to the backend as one that is none.',
      remedy: 'Look at whether dashboards ask for attributes that are not there, or for `telemetry.sdk.name`.',
    },
  },
  opentelemetryTrustIncomingSpan: {
    name: 'opentelemetry-trust-incoming-span',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Whether the span of the client is the parent. Envoy decides that for all requests, as the setting of this name says. Where only the annotation says no, the client does not decide what is recorded, and its span is the parent all the same.',
    difference: {
      example: 'GET / with `traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`',
      holdsFor: (text) => text === 'false',
      nginx: 'Begins a trace of its own.',
      sluice: 'Goes on with the trace of the client, unless the setting of this name is `false`, but records it only if it is drawn.',
      remedy: 'Write `opentelemetry-trust-incoming-span` into the ConfigMap.',
    },
  },
  opentelemetryOperationName: {
    name: 'opentelemetry-operation-name',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(/^[A-Za-z0-9_-]*$/, 'letters, digits, `_` and `-`', { ignoresSpaces: true }),
    doc: 'The name of the span of a request.',
  },
} as const satisfies Family['annotations'];

/** What an Ingress says of the spans of its requests. */
interface SpanConfig {
  /** Whether the client decides what is recorded. */
  readonly trustsClients: boolean;
  /** Undefined: as the controller names them. */
  readonly operationName?: string;
}

/**
 * Nothing: its requests have no spans. Nor have they where no collector is named.
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-opentelemetry
 */
export const opentelemetry: Family<SpanConfig> = {
  name: 'opentelemetry',
  annotations,
  read(reader) {
    const { value } = reader.controller;
    const enabled = valueOrIgnored(reader, annotations.enableOpentelemetry);
    if (!(enabled ?? value('enable-opentelemetry'))) return { type: 'nothing' };
    // The others say nothing where the Ingress does not ask for spans itself.
    if (!enabled) return { type: 'config', config: { trustsClients: value('opentelemetry-trust-incoming-span') } };
    const refusal = refusalOf(reader, [annotations.opentelemetryOperationName]);
    if (refusal) return refusal;
    const operationName = valueOrIgnored(reader, annotations.opentelemetryOperationName);
    return { type: 'config', config: { trustsClients: trustOf(reader), ...(operationName !== undefined && { operationName }) } };
  },
};

function trustOf(reader: AnnotationReader): boolean {
  const ofAll = reader.controller.value('opentelemetry-trust-incoming-span');
  const own = valueOrIgnored(reader, annotations.opentelemetryTrustIncomingSpan) ?? ofAll;
  if (own !== ofAll) {
    const annotation = annotations.opentelemetryTrustIncomingSpan.name;
    const message = own
      ? 'the setting of this name says `false`, so that no request has a parent'
      : 'Envoy takes the span of the client for the parent unless the setting of this name says `false`; only what the client says about recording does not count';
    reader.unsupported({ annotation, message });
  }
  return own;
}
