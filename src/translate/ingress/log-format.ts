import type { LogFormat } from '../../ir/gateway.ts';
import { approvalPlace, logWordsPlace, placesPlace } from '../../ir/names.ts';
import { placeIn } from '../../nginx/places.ts';

/** How values stand in a line: as ingress-nginx's `log-format-escape-json` and `-none` say, else as nginx does by itself. */
export type LogEscape = 'default' | 'json' | 'none';

/** A form of nginx in Envoy's words, and what of it cannot be said. */
export interface LogReading {
  readonly format: LogFormat;
  /** Names of variables that nobody has here; `-` stands for them. */
  readonly unknown: readonly string[];
  /** Variables of ingress-nginx that say which location it was, as far as they are asked for. */
  readonly words: readonly RouteWord[];
  /** It shall be JSON, and is none. */
  readonly isBrokenJson?: true;
}

/** What ingress-nginx says of a location. */
export type RouteWord = (typeof routeWords)[number];

const routeWords = ['namespace', 'ingress_name', 'service_name', 'service_port', 'location_path', 'proxy_upstream_name'] as const;

/** A command operator of Envoy. `isNumber`: in JSON without quotes it is one. */
interface Operator {
  readonly text: string;
  readonly isNumber?: boolean;
}

const seconds = (attribute: string): Operator => ({
  text: `%TYPED_CEL(double(${attribute}.getSeconds()) + double(${attribute}.getMilliseconds()) / 1000.0)%`,
  isNumber: true,
});
const word = (text: string): Operator => ({ text });
const number = (text: string): Operator => ({ text, isNumber: true });
/** What only an answer has that came through an endpoint. */
const ofUpstream = (attribute: string): Operator => number(`%TYPED_CEL(upstream.address == '' ? 0 : ${attribute})%`);

const path = '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%';

/** Variables of requests. @see https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage#command-operators */
const httpOperators: Readonly<Record<string, Operator>> = {
  args: word('%QUERY_PARAMS(ORIG)%'),
  best_http_host: word('%REQ(:AUTHORITY)%'),
  body_bytes_sent: number('%BYTES_SENT%'),
  bytes_sent: number('%DOWNSTREAM_WIRE_BYTES_SENT%'),
  connection: number('%CONNECTION_ID%'),
  content_length: word('%REQ(CONTENT-LENGTH)%'),
  content_type: word('%REQ(CONTENT-TYPE)%'),
  host: word('%REQ(:AUTHORITY)%'),
  hostname: word('%HOSTNAME%'),
  http_host: word('%REQ(:AUTHORITY)%'),
  msec: number('%EMIT_TIME(%s.%3f)%'),
  opentelemetry_trace_id: word('%TRACE_ID%'),
  pass_access_scheme: word('%REQ(:SCHEME)%'),
  query_string: word('%QUERY_PARAMS(ORIG)%'),
  realip_remote_addr: word('%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%'),
  remote_addr: word('%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'),
  remote_port: word('%DOWNSTREAM_REMOTE_PORT%'),
  req_id: word('%REQ(X-REQUEST-ID)%'),
  request: word(`%REQ(:METHOD)% ${path} %PROTOCOL%`),
  request_id: word('%REQ(X-REQUEST-ID)%'),
  request_length: number('%DOWNSTREAM_WIRE_BYTES_RECEIVED%'),
  request_method: word('%REQ(:METHOD)%'),
  request_time: seconds('request.duration'),
  request_uri: word(path),
  scheme: word('%REQ(:SCHEME)%'),
  server_addr: word('%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%'),
  server_name: word('%TYPED_CEL(xds.virtual_host_name)%'),
  server_protocol: word('%PROTOCOL%'),
  ssl_cipher: word('%DOWNSTREAM_TLS_CIPHER%'),
  ssl_client_fingerprint: word('%DOWNSTREAM_PEER_FINGERPRINT_1%'),
  ssl_client_i_dn: word('%DOWNSTREAM_PEER_ISSUER%'),
  ssl_client_s_dn: word('%DOWNSTREAM_PEER_SUBJECT%'),
  ssl_client_serial: word('%DOWNSTREAM_PEER_SERIAL%'),
  ssl_protocol: word('%DOWNSTREAM_TLS_VERSION%'),
  ssl_server_name: word('%REQUESTED_SERVER_NAME%'),
  ssl_session_id: word('%DOWNSTREAM_TLS_SESSION_ID%'),
  status: number('%RESPONSE_CODE%'),
  the_real_ip: word('%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'),
  time_iso8601: word('%EMIT_TIME_LOCAL(%Y-%m-%dT%H:%M:%S%Ez)%'),
  time_local: word('%EMIT_TIME_LOCAL(%d/%b/%Y:%H:%M:%S %z)%'),
  upstream_addr: word('%UPSTREAM_HOST%'),
  upstream_bytes_received: number('%UPSTREAM_WIRE_BYTES_RECEIVED%'),
  upstream_bytes_sent: number('%UPSTREAM_WIRE_BYTES_SENT%'),
  upstream_response_length: ofUpstream('response.size'),
  upstream_response_time: seconds('response.backend_latency'),
  upstream_status: ofUpstream('response.code'),
  uri: word('%PATH(NQ:PATH)%'),
};

const streamOperators: Readonly<Record<string, Operator>> = {
  bytes_received: number('%BYTES_RECEIVED%'),
  bytes_sent: number('%BYTES_SENT%'),
  connection: number('%CONNECTION_ID%'),
  hostname: word('%HOSTNAME%'),
  msec: number('%EMIT_TIME(%s.%3f)%'),
  remote_addr: word('%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'),
  remote_port: word('%DOWNSTREAM_REMOTE_PORT%'),
  server_addr: word('%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%'),
  server_port: word('%DOWNSTREAM_LOCAL_PORT%'),
  session_time: seconds('request.duration'),
  time_iso8601: word('%EMIT_TIME_LOCAL(%Y-%m-%dT%H:%M:%S%Ez)%'),
  time_local: word('%EMIT_TIME_LOCAL(%d/%b/%Y:%H:%M:%S %z)%'),
  upstream_addr: word('%UPSTREAM_HOST%'),
  upstream_bytes_received: number('%UPSTREAM_WIRE_BYTES_RECEIVED%'),
  upstream_bytes_sent: number('%UPSTREAM_WIRE_BYTES_SENT%'),
};

/** Reads `log-format-upstream`. @param knows whether a place that a variable names is looked up. */
export function readHttpLogFormat(text: string, escaping: LogEscape, knows: (variable: string) => boolean): LogReading {
  return readLogFormat(text, escaping, (name) => httpOperatorOf(name, knows));
}

function httpOperatorOf(name: string, knows: (variable: string) => boolean): Operator | undefined {
  if (knows(name)) return word(`%DYNAMIC_METADATA(${placesPlace}:${placeIn(name)})%`);
  return httpOperators[name] ?? headerOperator(name) ?? routeWordOperator(name);
}

/** Variables that say something else in a line for the question to a service about a request: what it answered, and how long it took. */
const questionOperators: Readonly<Record<string, Operator | undefined>> = {
  request_time: number(`%DYNAMIC_METADATA(${approvalPlace}:seconds)%`),
  status: number(`%DYNAMIC_METADATA(${approvalPlace}:status)%`),
  upstream_response_time: number(`%DYNAMIC_METADATA(${approvalPlace}:seconds)%`),
  upstream_status: number(`%DYNAMIC_METADATA(${approvalPlace}:status)%`),
  // Those of the request itself would be taken for those of the question.
  body_bytes_sent: undefined,
  bytes_sent: undefined,
  upstream_addr: undefined,
  upstream_bytes_received: undefined,
  upstream_bytes_sent: undefined,
  upstream_response_length: undefined,
};

/** The same form for the lines of `enable-auth-access-log`. */
export function readQuestionLogFormat(text: string, escaping: LogEscape, knows: (variable: string) => boolean): LogFormat {
  const operatorOf = (name: string): Operator | undefined => {
    if (Object.hasOwn(questionOperators, name)) return questionOperators[name];
    return /^(sent|upstream)_http_/.test(name) ? undefined : httpOperatorOf(name, knows);
  };
  return readLogFormat(text, escaping, operatorOf).format;
}

/** Reads `log-format-stream`. */
export function readStreamLogFormat(text: string, protocol: 'TCP' | 'UDP'): LogReading {
  return readLogFormat(text, 'default', (name) => (name === 'protocol' ? { text: protocol } : streamOperators[name]));
}

/** Reads `opentelemetry-operation-name`. @param wordOf what is known of the location, which stands in the text as it is. */
export function readSpanName(text: string, wordOf: (word: RouteWord) => string): { readonly text: string; readonly unknown: readonly string[] } {
  return readText(text, (name) => (isRouteWord(name) ? word(wordOf(name).replaceAll('%', '%%')) : (httpOperators[name] ?? headerOperator(name))));
}

/** Reads a text of `add-headers`, which every answer has: nothing is known of the location. */
export function readAnswerText(text: string): { readonly text: string; readonly unknown: readonly string[] } {
  return readText(text, (name) => httpOperators[name] ?? headerOperator(name));
}

function readText(text: string, operatorOf: (name: string) => Operator | undefined): { readonly text: string; readonly unknown: readonly string[] } {
  return { text: filled(text, operatorOf), unknown: namesIn(text).filter((name) => !operatorOf(name)) };
}

function headerOperator(name: string): Operator | undefined {
  const [, kind, rest = ''] = /^(http|sent_http|upstream_http|arg)_(\w+)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'arg') return word(`%QUERY_PARAM(${rest})%`);
  return word(`%${kind === 'http' ? 'REQ' : 'RESP'}(${rest.replaceAll('_', '-').toUpperCase()})%`);
}

function routeWordOperator(name: string): Operator | undefined {
  return isRouteWord(name) ? word(`%METADATA(ROUTE:${logWordsPlace}:${name})%`) : undefined;
}

function isRouteWord(name: string): name is RouteWord {
  return (routeWords as readonly string[]).includes(name);
}

const variable = /\$\{(\w+)\}|\$(\w+)/g;

function readLogFormat(text: string, escaping: LogEscape, operatorOf: (name: string) => Operator | undefined): LogReading {
  const names = namesIn(text);
  const unknown = names.filter((name) => !operatorOf(name));
  const object = escaping === 'json' ? jsonForm(text, operatorOf) : undefined;
  return {
    format: object ? { object } : { line: filled(text, operatorOf), omitsAbsent: escaping !== 'default' },
    unknown,
    words: names.filter(isRouteWord),
    ...(escaping === 'json' && !object && { isBrokenJson: true }),
  };
}

function namesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(variable)].map(([, braced, bare]) => braced ?? bare ?? ''))];
}

/** A text with operators in the place of variables. */
function filled(text: string, operatorOf: (name: string) => Operator | undefined): string {
  return text.replaceAll('%', '%%').replaceAll(variable, (_, braced?: string, bare?: string) => operatorOf(braced ?? bare ?? '')?.text ?? '-');
}

/** Always absent: beside it in a text, a number stays a text. */
const nothing = '%DYNAMIC_METADATA(sluice.nothing)%';

/** The object that a form is, with operators in its values. Undefined: it is none. */
function jsonForm(text: string, operatorOf: (name: string) => Operator | undefined): Readonly<Record<string, unknown>> | undefined {
  const bare = '\u0001';
  const quoted = text.replaceAll(/"(?:[^"\\]|\\.)*"|\$\{?\w+\}?/g, (part) => (part.startsWith('"') ? part : JSON.stringify(bare + part)));
  const operatorsOf = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    if (!value.startsWith(bare)) return filled(value, operatorOf) + (value.includes('$') ? nothing : '');
    return filled(value.slice(bare.length), operatorOf);
  };
  try {
    const read: unknown = JSON.parse(quoted, operatorsOf);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
