import type { Route } from '../ir/route.ts';
import type { HeaderFields } from './header-changes.ts';

/** Takes headers of backends away from answers. @param names undefined: all stay. */
export function hiddenHeadersField(names: readonly string[] | undefined): Pick<HeaderFields, 'response_headers_to_remove'> {
  return names ? { response_headers_to_remove: [...names] } : {};
}

/** The fields of a route with it, unless its virtual host says it. */
export function withHiddenHeaders({ hiddenHeaders }: Route, ofHost: readonly string[] | undefined, own: HeaderFields): HeaderFields {
  if (!hiddenHeaders || ofHost) return own;
  return { ...own, response_headers_to_remove: [...(own.response_headers_to_remove ?? []), ...hiddenHeaders] };
}
