import type { PathMatch, Route, RouteMatch } from '../ir/route.ts';
import type { ObjectOf } from '../kind/index.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import { checkRegex, quoted } from './regex.ts';
import type { RouteContext } from './route-context.ts';
import { ruleRoutes } from './rule-routes.ts';
import { expressionsOf, headerMatches } from './value-match.ts';

type Match = NonNullable<NonNullable<ObjectOf<'GRPCRoute'>['spec']['rules']>[number]['matches']>[number];

/**
 * The routes of a GRPCRoute, one for each match, in the order of its rules; see `httpRouteRoutes`.
 * @see https://gateway-api.sigs.k8s.io/api-types/grpcroute/
 */
export function grpcRouteRoutes(route: Stored<'GRPCRoute'>, context: RouteContext): Route[] {
  return ruleRoutes(route, route.object.spec.rules ?? [], true, (match, path) => matchOf(route, match ?? {}, path, context), context);
}

/** Undefined: one of its expressions is refused, the match is left out. */
function matchOf(route: Stored<'GRPCRoute'>, match: Match, at: FieldPath, context: RouteContext): RouteMatch | undefined {
  const { method, headers } = match;
  const parts = method?.type === 'RegularExpression' ? (['service', 'method'] as const) : [];
  const expressions = [
    ...parts.flatMap((part) => (method?.[part] === undefined ? [] : [{ value: method[part], field: ['method', part] }])),
    ...expressionsOf(headers, 'headers'),
  ];
  const refused = expressions.filter(({ value, field }) => !checkRegex(value, () => route.origin([...at, ...field]), context.report));
  if (refused.length > 0) return undefined;
  return { path: pathOf(method), headers: headerMatches(headers), query: [], grpc: true };
}

/** gRPC calls are requests for `/SERVICE/METHOD`. @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
function pathOf(match: Match['method']): PathMatch {
  if (match === undefined) return { type: 'prefix', value: '/' };
  const { service, method } = match;
  if (match.type === 'RegularExpression')
    return { type: 'regex', value: `/${service === undefined ? '[^/]+' : `(?:${service})`}/${method === undefined ? '[^/]+' : `(?:${method})`}` };
  if (service === undefined) return { type: 'regex', value: `/[^/]+/${quoted(method ?? '')}` };
  return method === undefined ? { type: 'prefix', value: `/${service}/` } : { type: 'exact', value: `/${service}/${method}` };
}
