import { RE2JS } from 're2js';
import { grpcContentType } from '../ir/grpc.ts';
import { isGrpcCondition } from '../row/route-rows.ts';
import type { Failure } from './explanation.ts';
import type { HeaderMatchMessage, QueryMatchMessage, RouteMatchMessage } from './messages.ts';

/** What conditions are tested against. */
export interface Matchable {
  readonly method: string;
  /** Normalised, without the query. */
  readonly path: string;
  readonly query: string | undefined;
  /** Names in lower case, values of one name joined by a comma as Envoy does; `:authority` for the host. */
  readonly headers: ReadonlyMap<string, string>;
}

/** One condition of a route, in words and with its answer. */
export interface Condition {
  /** `path prefix /shop`, `header x-tester = yes`. */
  readonly words: string;
  /** Undefined: it holds. */
  readonly failure: Failure | undefined;
}

/** Every condition of a match; the route fits where none fails. */
export function conditionsOf(match: RouteMatchMessage, request: Matchable): Condition[] {
  return [
    pathCondition(match, request.path),
    ...(match.headers ?? []).map((header) => (isGrpcCondition(header) ? grpcCondition(request) : headerCondition(header, request))),
    ...(match.query_parameters ?? []).map((parameter) => queryCondition(parameter, request.query)),
    ...(match.tls_context ? [certificateCondition(match.tls_context)] : []),
  ];
}

function condition(part: Failure['part'], words: string, holds: boolean, got: string | undefined): Condition {
  return { words, failure: holds ? undefined : { part, wanted: words, ...(got !== undefined && { got }) } };
}

function pathCondition(match: RouteMatchMessage, path: string): Condition {
  if (match.path !== undefined) return condition('path', `path = ${match.path}`, path === match.path, path);
  if (match.path_separated_prefix !== undefined) {
    const prefix = match.path_separated_prefix;
    return condition('path', `path prefix ${prefix}`, path === prefix || path.startsWith(`${prefix}/`), path);
  }
  if (match.prefix !== undefined) return condition('path', `path begins with ${match.prefix}`, path.startsWith(match.prefix), path);
  const regex = match.safe_regex?.regex ?? '';
  return condition('path', `path matches ${regex}`, matchesWhole(regex, path), path);
}

function headerCondition(header: HeaderMatchMessage, request: Matchable): Condition {
  const name = header.name ?? '';
  const [part, shown, value] =
    name === ':method' ? (['method', 'method', request.method] as const) : (['header', `header ${name}`, request.headers.get(name)] as const);
  return valueCondition(part, shown, header, value);
}

function queryCondition(parameter: QueryMatchMessage, query: string | undefined): Condition {
  const name = parameter.name ?? '';
  return valueCondition('query', `query ${name}`, parameter, queryValue(query, name));
}

function valueCondition(part: Failure['part'], shown: string, matcher: HeaderMatchMessage | QueryMatchMessage, value: string | undefined): Condition {
  if (matcher.present_match) return condition(part, `${shown} present`, value !== undefined, value);
  const { exact, safe_regex } = matcher.string_match ?? {};
  if (exact !== undefined) return condition(part, `${shown} = ${exact}`, value === exact, value);
  const regex = safe_regex?.regex ?? '';
  return condition(part, `${shown} matches ${regex}`, value !== undefined && matchesWhole(regex, value), value);
}

/** The request is explained as one of a client that shows no certificate. */
function certificateCondition({ presented, validated }: NonNullable<RouteMatchMessage['tls_context']>): Condition {
  const words = presented?.value ? `a client certificate that is ${validated?.value ? 'good' : 'bad'}` : 'no client certificate';
  return condition('certificate', words, !presented?.value, 'none');
}

function grpcCondition({ headers }: Matchable): Condition {
  const type = headers.get('content-type');
  return condition('grpc', 'a gRPC request', type?.startsWith(grpcContentType) ?? false, type);
}

/**
 * Whether Envoy takes a content type for gRPC, and answers in its words: `application/grpc`, with or without a `+` and the encoding of
 * its messages, and the types of gRPC-Web, which a filter turns into it. Routes ask for less, the beginning alone.
 */
export function isGrpc(contentType: string | undefined): boolean {
  return /^application\/grpc(\+.*|-web(-text)?(\+proto)?)?$/.test(contentType ?? '');
}

/** The first value of a parameter, not decoded: Envoy compares what was sent. A parameter without `=` has an empty value. */
function queryValue(query: string | undefined, name: string): string | undefined {
  for (const pair of query?.split('&') ?? []) {
    const at = pair.indexOf('=');
    if ((at === -1 ? pair : pair.slice(0, at)) === name) return at === -1 ? '' : pair.slice(at + 1);
  }
  return undefined;
}

function matchesWhole(regex: string, text: string): boolean {
  return RE2JS.compile(regex).matches(text);
}
