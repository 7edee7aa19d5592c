import type { PathRewrite, Route } from '../ir/route.ts';
import type { HeaderFields } from './header-changes.ts';
import { pathRewrite } from './path-rewrite.ts';

/** Where the path that a client asked for is kept once it is changed: for access logs, spans and backends, by Envoy's name for it. */
export const originalPathHeader = 'x-envoy-original-path';

/** Headers are changed, and filters act, before the path is. */
export const originalPath = { header: { key: originalPathHeader, value: '%REQ(:PATH)%' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' } as const;

/** Whether Envoy changes the path of a route's requests. It does so to redirect as well, but where the new path is all written. */
export function changesPath({ match, action }: Route): boolean {
  const path = rewriteOf(action);
  return path !== undefined && Object.keys(pathRewrite(match.path, path)).length > 0;
}

function rewriteOf(action: Route['action']): PathRewrite | undefined {
  if (action.type === 'forward') return action.rewrite?.path;
  return action.type === 'redirect' && action.path?.type !== 'full' ? action.path : undefined;
}

/**
 * Keeps the path where a route that forwards changes it. The router could by itself, but along with headers that nobody needs on each request.
 * @see router.ts
 */
export function withOriginalPath(route: Route, own: HeaderFields): HeaderFields {
  if (route.action.type !== 'forward' || !changesPath(route)) return own;
  return { ...own, request_headers_to_add: [...(own.request_headers_to_add ?? []), originalPath] };
}
