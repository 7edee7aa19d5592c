import type { PathMatch, Route } from '../ir/route.ts';
import { quoted } from './regex.ts';

const escaped = '%(?:2[Ff]|5[Cc])';
const anySlash = `(?:/|${escaped})`;
const dots = '(?:\\.|%2[Ee]){1,2}';

/** Any slash or backslash that is written as its code. */
const anyEscaped = `.*${escaped}.*`;
/** Those at which a backend that reads them as slashes could come to another path than the one that was routed: beside a slash, and around `.` and `..`. */
const ambiguous = `.*(?:${anySlash}${escaped}|${escaped}/|${anySlash}${dots}${anySlash}).*|.*${escaped}${dots}`;

/**
 * The routes of a host name for paths whose `%2F` stays: a slash of a path fits it too, so that `/admin%2Fusers` has the route of `/admin`, and whoever is kept
 * out of that is kept out of this. What could be read in two ways is refused with 400, and where a path is an expression, or a part of it is replaced, any `%2F` is.
 */
export function withEscapedSlashes(host: string, routes: readonly Route[]): readonly Route[] {
  const [first] = routes;
  if (!first) return routes;
  const isPlain = routes.every(({ match, action }) => match.path.type !== 'regex' && !replacesPart(action));
  const guard: Route = {
    name: `escaped-slashes/${host}`,
    match: { path: { type: 'regex', value: isPlain ? ambiguous : anyEscaped }, headers: [], query: [] },
    action: { type: 'respond', status: 400 },
    origins: first.origins,
  };
  return [guard, ...(isPlain ? routes.map((route) => ({ ...route, match: { ...route.match, path: withBothSlashes(route.match.path) } })) : routes)];
}

function replacesPart(action: Route['action']): boolean {
  const path = action.type === 'forward' ? action.rewrite?.path : action.type === 'redirect' ? action.path : undefined;
  return path !== undefined && path.type !== 'full';
}

function withBothSlashes(path: PathMatch): PathMatch {
  // The first slash is always one.
  const rest = path.value.slice(1);
  if (rest === '') return path;
  const start = `/${rest.split('/').map(quoted).join(anySlash)}`;
  const end = { exact: '', prefix: '.*', pathPrefix: `(?:${anySlash}.*)?`, regex: '' }[path.type];
  return { type: 'regex', value: start + end };
}
