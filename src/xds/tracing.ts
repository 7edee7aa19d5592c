import { isDeepStrictEqual } from 'node:util';
import type { Listener, Sampling, Tracing } from '../ir/gateway.ts';
import type { Route, RouteSpan } from '../ir/route.ts';
import { type Message, typed } from '../proto/message.ts';
import { bool, duration, uint32 } from '../proto/values.ts';
import { attribute, call, type Expression, literal, parsed, textOf } from './expression.ts';
import type { HeaderFields } from './header-changes.ts';

type Manager = Message<'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'>;
type Entry = Message<'envoy.config.route.v3.Route'>;

/** Metadata of routes whose requests have spans, and of those that do not believe clients. */
const spansPlace = 'sluice.spans';
const distrustPlace = 'sluice.spans.own';

/** How long a batch of spans may take to be sent. */
const exportTimeoutMs = 10_000;

/** Attributes of spans, by the names that the module of nginx gives them. */
const attributes = {
  'http.target': '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  'http.host': '%REQ(:AUTHORITY)%',
  'http.scheme': '%REQ(:SCHEME)%',
  'http.user_agent': '%REQ(USER-AGENT)%',
  'net.host.port': '%DOWNSTREAM_LOCAL_PORT%',
  'net.peer.ip': '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  'net.peer.port': '%DOWNSTREAM_REMOTE_PORT%',
} as const;

/**
 * The tracer of a listener. It says nothing of routes: these say whether they have spans, by metadata that its sampler asks for.
 * - Not the tracer hands on the context but the routes that have spans: Envoy would write one of its own, which says that nothing is recorded,
 *   over what a client sent to a route without spans.
 * - Whether a request is recorded is not drawn from its id: this may be one of the client in any form, and Envoy would write into it.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/trace/v3/opentelemetry.proto
 */
export function tracingOptions({ tracing }: Listener): Manager {
  if (!tracing) return {};
  return {
    tracing: {
      no_context_propagation: true,
      custom_tags: Object.entries(attributes).map(([tag, value]) => ({ tag, value })),
      provider: { name: 'envoy.tracers.opentelemetry', typed_config: tracerOf(tracing) },
    },
    request_id_extension: {
      typed_config: typed('envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig', {
        pack_trace_reason: bool(false),
        use_request_id_for_trace_sampling: bool(false),
      }),
    },
  };
}

function tracerOf({ collector, authority, serviceName, sampling, maxWaiting }: Tracing) {
  const isAsked = call('in', literal(spansPlace), attribute('xds.route_metadata.filter_metadata'));
  const isBelieved = call('not', call('in', literal(distrustPlace), attribute('xds.route_metadata.filter_metadata')));
  return typed('envoy.config.trace.v3.OpenTelemetryConfig', {
    grpc_service: { envoy_grpc: { cluster_name: collector, authority }, timeout: duration(exportTimeoutMs) },
    service_name: serviceName,
    max_cache_size: uint32(maxWaiting),
    sampler: {
      name: 'envoy.tracers.opentelemetry.samplers.cel',
      typed_config: typed('envoy.extensions.tracers.opentelemetry.samplers.v3.CELSamplerConfig', {
        expression: { cel_expr_parsed: parsed(call('and', isAsked, isRecorded(sampling, isBelieved))) },
      }),
    },
  });
}

const headers = attribute('request.headers');
const header = (name: string): Expression => call('at', headers, literal(name));
const has = (name: string): Expression => call('in', literal(name), headers);

/** @param isBelieved whether what the client says counts. Undefined: it does. */
function isRecorded({ share, followsParent }: Sampling, isBelieved?: Expression): Expression {
  if (!followsParent) return isDrawn(share);
  const hasParent = has('traceparent');
  // The last digit of the context holds the flag; the one besides it that has a meaning is 2.
  const parentIsRecorded = call('or', call('endsWith', header('traceparent'), literal('1')), call('endsWith', header('traceparent'), literal('3')));
  return call('choose', isBelieved ? call('and', hasParent, isBelieved) : hasParent, parentIsRecorded, isDrawn(share));
}

/**
 * CEL draws no numbers. The id of a request begins with eight random hexadecimal digits, unless a client gave it another; where it is none, and where
 * there is no id, the millisecond counts at which the request came.
 */
function isDrawn(share: number): Expression {
  if (share <= 0 || share >= 1) return literal(share >= 1);
  const id = header('x-request-id');
  const limit = Math.min(Math.round(share * 2 ** 32), 2 ** 32 - 1)
    .toString(16)
    .padStart(8, '0');
  return call(
    'choose',
    call('and', has('x-request-id'), call('less', id, literal('g'))),
    call('less', id, literal(limit)),
    call('less', call('getMilliseconds', attribute('request.time')), literal(Math.ceil(share * 1000))),
  );
}

/** The name of the spans of a route. */
export function spanField({ span }: Route): Pick<Entry, 'tracing'> {
  return span ? { tracing: { operation: span.name } } : {};
}

/** What the sampler finds of a route. */
export function spanMetadata({ span }: Route): NonNullable<Message<'envoy.config.core.v3.Metadata'>['filter_metadata']> {
  return { ...(span && { [spansPlace]: {} }), ...(span?.distrustsClients && { [distrustPlace]: {} }) };
}

/** Whether backends get the same context. */
export function isSameContext(one: RouteSpan, other: RouteSpan): boolean {
  return isDeepStrictEqual(one.sampling, other.sampling) && one.distrustsClients === other.distrustsClients;
}

/** The context that backends get; the state in it goes on as it came. @see https://www.w3.org/TR/trace-context/ */
export function contextFields(span: RouteSpan | undefined): Pick<HeaderFields, 'request_headers_to_add'> {
  if (!span) return {};
  const recorded = isRecorded({ ...span.sampling, ...(span.distrustsClients && { followsParent: false }) });
  const value = `00-%TRACE_ID%-%SPAN_ID%-%CEL(${textOf(recorded)} ? '01' : '00')%`;
  return { request_headers_to_add: [{ header: { key: 'traceparent', value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }] };
}

/** The fields of a route with the context, unless its virtual host says it. */
export function withContext({ span }: Route, ofHost: RouteSpan | undefined, own: HeaderFields): HeaderFields {
  if (!span || ofHost) return own;
  return { ...own, request_headers_to_add: [...(own.request_headers_to_add ?? []), ...(contextFields(span).request_headers_to_add ?? [])] };
}

/** What is taken from requests where clients are not trusted. */
export function distrustedHeaders({ tracing }: Listener): readonly string[] {
  return tracing?.trustsClients === false ? ['traceparent', 'tracestate'] : [];
}
