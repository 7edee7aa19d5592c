import type { PathMatch, Route, RouteMatch } from '../ir/route.ts';
import type { ObjectOf } from '../kind/index.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import { checkRegex } from './regex.ts';
import type { RouteContext } from './route-context.ts';
import { ruleRoutes } from './rule-routes.ts';
import { expressionsOf, headerMatches, valueMatches } from './value-match.ts';

type Match = NonNullable<NonNullable<ObjectOf<'HTTPRoute'>['spec']['rules']>[number]['matches']>[number];

/**
 * The routes of an HTTPRoute, one for each match, in the order of its rules: independent of the listeners and host names that
 * they will stand under. Sort them with those of other objects by `byPrecedence`.
 * @see https://gateway-api.sigs.k8s.io/api-types/httproute/
 */
export function httpRouteRoutes(route: Stored<'HTTPRoute'>, context: RouteContext): Route[] {
  return ruleRoutes(route, route.object.spec.rules ?? [{}], false, (match, path) => matchOf(route, match ?? {}, path, context), context);
}

/** Undefined: one of its expressions is refused, the match is left out. */
function matchOf(route: Stored<'HTTPRoute'>, match: Match, at: FieldPath, context: RouteContext): RouteMatch | undefined {
  const path = pathMatch(match.path);
  const headers = headerMatches(match.headers);
  const query = valueMatches(match.queryParams, (name) => name);
  const expressions = [
    ...(path.type === 'regex' ? [{ value: path.value, field: ['path', 'value'] }] : []),
    ...expressionsOf(match.headers, 'headers'),
    ...expressionsOf(match.queryParams, 'queryParams'),
  ];
  const refused = expressions.filter(({ value, field }) => !checkRegex(value, () => route.origin([...at, ...field]), context.report));
  if (refused.length > 0) return undefined;
  return { path, ...(match.method === undefined ? {} : { method: match.method }), headers, query };
}

function pathMatch(path: Match['path']): PathMatch {
  const value = path?.value ?? '/';
  if (path?.type === 'Exact') return { type: 'exact', value };
  if (path?.type === 'RegularExpression') return { type: 'regex', value };
  return pathPrefix(value);
}

/** Whole path elements; a slash at the end means nothing. */
export function pathPrefix(value: string): PathMatch {
  const trimmed = value.replace(/\/+$/, '');
  return trimmed === '' ? { type: 'prefix', value: '/' } : { type: 'pathPrefix', value: trimmed };
}
