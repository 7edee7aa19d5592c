import type { AccessLog, LogFormat } from '../ir/gateway.ts';
import { approvalPlace } from '../ir/names.ts';
import { type Message, typed } from '../proto/message.ts';
import { bool } from '../proto/values.ts';
import { structOf } from './filter/struct.ts';
import { allOf, expression } from './log-condition.ts';
import { routeIsLogged } from './log-words.ts';
import { originalPathHeader } from './original-path.ts';

type Condition = Message<'envoy.config.accesslog.v3.AccessLogFilter'>;
type Log = Message<'envoy.config.accesslog.v3.AccessLog'>;

/**
 * What a line says of a request, in the order of the text form. `route` and `cluster` lead back to the configuration, `flags`
 * and `details` tell why Envoy itself answered.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
const fields = {
  time: '%START_TIME%',
  client: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  method: '%REQ(:METHOD)%',
  scheme: '%REQ(:SCHEME)%',
  host: '%REQ(:AUTHORITY)%',
  // The path as the client sent it, also after a rewrite.
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  status: '%RESPONSE_CODE%',
  grpc_status: '%GRPC_STATUS_NUMBER%',
  flags: '%RESPONSE_FLAGS%',
  details: '%RESPONSE_CODE_DETAILS%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration_ms: '%DURATION%',
  first_byte_ms: '%RESPONSE_DURATION%',
  attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  route: '%ROUTE_NAME%',
  cluster: '%UPSTREAM_CLUSTER_RAW%',
  endpoint: '%UPSTREAM_HOST%',
  request_id: '%REQ(X-REQUEST-ID)%',
  user_agent: '%REQ(USER-AGENT)%',
} as const;

/** The JSON form: one object a line, keys sorted by Envoy, numbers as numbers. */
function jsonFormat(): Message<'google.protobuf.Struct'> {
  const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return { fields: Object.fromEntries(entries.map(([name, operator]) => [name, { stringValue: operator }])) };
}

/** The text form: `name=value` pairs, those that may hold spaces quoted. */
function textFormat(): string {
  const quoted: readonly string[] = ['path', 'user_agent', 'details'];
  const pairs = Object.entries(fields).map(([name, operator]) => (quoted.includes(name) ? `${name}="${operator}"` : `${name}=${operator}`));
  return `${pairs.join(' ')}\n`;
}

/** The access log of HTTP on Envoy's standard output; none where nothing would be written. */
export function accessLogs(log: AccessLog | undefined, asksRoutes: boolean): Log[] {
  if (!log || log.samplePercent <= 0) return [];
  const conditions = [
    ...(log.samplePercent < 100 ? [sampled(log.samplePercent)] : []),
    ...(log.skipsUnknownHosts ? [expression("response.code_details != 'route_not_found'")] : []),
    ...(log.skippedPaths === undefined ? [] : pathConditions(log.skippedPaths)),
    ...(asksRoutes ? [routeIsLogged] : []),
  ];
  return [stdoutLog(log, conditions), ...(log.questions ? [stdoutLog({ format: log.questions }, [wasAsked, ...conditions])] : [])];
}

/** A service was asked about the request, and the log wants to know. */
const wasAsked: Condition = {
  metadata_filter: { matcher: { filter: approvalPlace, path: [{ key: 'status' }], value: { present_match: true } }, match_if_key_not_found: bool(false) },
};

/** The access log of connections, or datagrams, that go on as they come. */
export function streamAccessLogs(log: AccessLog | undefined): Log[] {
  return log ? [stdoutLog(log, [])] : [];
}

function stdoutLog({ format }: Pick<AccessLog, 'format'>, [first, ...others]: readonly Condition[]): Log {
  return {
    name: 'envoy.access_loggers.stdout',
    ...(first && { filter: allOf(first, ...others) }),
    typed_config: typed('envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', { log_format: formatOf(format) }),
  };
}

function formatOf(format: AccessLog['format']): Message<'envoy.config.core.v3.SubstitutionFormatString'> {
  if (format === 'json') return { json_format: jsonFormat() };
  if (format === 'text') return { text_format_source: { inline_string: textFormat() } };
  return givenFormat(format);
}

function givenFormat(format: LogFormat): Message<'envoy.config.core.v3.SubstitutionFormatString'> {
  if ('object' in format) return { omit_empty_values: true, json_format: structOf(format.object) };
  return { text_format_source: { inline_string: `${format.line}\n` }, ...(format.omitsAbsent && { omit_empty_values: true }) };
}

function pathConditions(regex: string): Condition[] {
  const other = (name: string): Condition => ({
    header_filter: { header: { name, string_match: { safe_regex: { regex } }, invert_match: true, treat_missing_header_as_empty: true } },
  });
  const isRewritten: Condition = { header_filter: { header: { name: originalPathHeader, present_match: true } } };
  return [other(originalPathHeader), { or_filter: { filters: [isRewritten, other(':path')] } }];
}

/**
 * Failures are worth a line whatever it costs. The rest is drawn by Envoy itself: by request ids it costs thrice as much, and a client that chooses its id
 * would choose whether it is written.
 */
function sampled(percent: number): Condition {
  const failures = { status_code_filter: { comparison: { op: 'GE' as const, value: { default_value: 500, runtime_key: 'sluice.access_log_status' } } } };
  const drawn = {
    runtime_filter: {
      runtime_key: 'sluice.access_log',
      percent_sampled: { numerator: Math.round(percent * 10_000), denominator: 'MILLION' as const },
      use_independent_randomness: true,
    },
  };
  return { or_filter: { filters: [failures, drawn] } };
}
