import { grpcContentType } from '../ir/grpc.ts';
import type { PathMatch, RouteMatch, ValueMatch } from '../ir/route.ts';
import type { Message } from '../proto/message.ts';

/**
 * All conditions of a route.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
 */
export function routeMatch(match: RouteMatch): Message<'envoy.config.route.v3.RouteMatch'> {
  const headers: Message<'envoy.config.route.v3.HeaderMatcher'>[] = match.headers.map((header) => ({ name: header.name, ...valueMatch(header) }));
  if (match.grpc) headers.push({ name: 'content-type', string_match: { prefix: grpcContentType } });
  if (match.method !== undefined) headers.unshift({ name: ':method', string_match: { exact: match.method } });
  return {
    ...pathMatch(match.path),
    ...(headers.length > 0 && { headers }),
    ...(match.query.length > 0 && { query_parameters: match.query.map((parameter) => ({ name: parameter.name, ...valueMatch(parameter) })) }),
  };
}

function pathMatch(path: PathMatch) {
  switch (path.type) {
    case 'exact':
      return { path: path.value };
    case 'pathPrefix':
      return { path_separated_prefix: path.value };
    case 'prefix':
      return { prefix: path.value };
    case 'regex':
      return { safe_regex: { regex: path.value } };
  }
}

function valueMatch({ type, value = '' }: ValueMatch) {
  switch (type) {
    case 'exact':
      return { string_match: { exact: value } };
    case 'regex':
      return { string_match: { safe_regex: { regex: value } } };
    case 'present':
      return { present_match: true };
  }
}
