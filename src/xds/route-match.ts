import { grpcContentType } from '../ir/grpc.ts';
import type { PathMatch, RouteMatch, ValueMatch } from '../ir/route.ts';
import type { Message } from '../proto/message.ts';
import { bool } from '../proto/values.ts';

/**
 * All conditions of a route.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
 */
export function routeMatch(match: RouteMatch): Message<'envoy.config.route.v3.RouteMatch'> {
  const headers = match.headers.map(headerMatch);
  if (match.grpc) headers.push({ name: 'content-type', string_match: { prefix: grpcContentType } });
  if (match.method !== undefined) headers.unshift({ name: ':method', string_match: { exact: match.method } });
  return {
    ...pathMatch(match.path),
    ...(headers.length > 0 && { headers }),
    ...(match.clientCertificate && { tls_context: certificateStates[match.clientCertificate] }),
    ...(match.query.length > 0 && { query_parameters: match.query.map((parameter) => ({ name: parameter.name, ...valueMatch(parameter.type, parameter) })) }),
  };
}

const certificateStates = {
  none: { presented: bool(false) },
  good: { presented: bool(true), validated: bool(true) },
  bad: { presented: bool(true), validated: bool(false) },
} as const;

/** A condition on a header. */
function headerMatch(header: ValueMatch): Message<'envoy.config.route.v3.HeaderMatcher'> {
  return { name: header.name, ...(header.type === 'above' ? rangeAbove(header) : valueMatch(header.type, header)) };
}

/** Envoy merges slashes, but leaves two of a path that has nothing else: a filter of the root must not be passed by `//`. */
const rootRegex = '//?';

function pathMatch(path: PathMatch) {
  switch (path.type) {
    case 'exact':
      return path.value === '/' ? { safe_regex: { regex: rootRegex } } : { path: path.value };
    case 'pathPrefix':
      return { path_separated_prefix: path.value };
    case 'prefix':
      return { prefix: path.value };
    case 'regex':
      return { safe_regex: { regex: path.value } };
  }
}

/** The end of a range does not belong to it; nothing is larger than the largest whole number of 64 bits. */
function rangeAbove({ value = '' }: ValueMatch) {
  return { range_match: { start: String(Number(value) + 1), end: '9223372036854775807' } };
}

function valueMatch(type: ValueMatch['type'], { value = '' }: ValueMatch) {
  switch (type) {
    case 'exact':
      return { string_match: { exact: value } };
    case 'regex':
      return { string_match: { safe_regex: { regex: value } } };
    case 'present':
    case 'above':
      return { present_match: true };
  }
}
