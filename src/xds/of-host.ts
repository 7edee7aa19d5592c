import type { ForwardedHeaders, Route, RouteSpan, VirtualHost } from '../ir/route.ts';

/** What a virtual host says for its routes; undefined: each says it itself. */
export interface SaidByHost {
  readonly forwarded: ForwardedHeaders | undefined;
  readonly strictTransport: string | undefined;
  readonly hiddenHeaders: readonly string[] | undefined;
  readonly span: RouteSpan | undefined;
}

/**
 * What all routes of a virtual host that forward say alike, so that it can be said once for all of them. Undefined: some say something else, or nothing.
 * @param said what a route says; undefined: nothing.
 */
export function saidByAll<Said>({ routes }: VirtualHost, said: (route: Route) => Said | undefined, isSame: (one: Said, other: Said) => boolean = Object.is) {
  const [first, ...others] = routes.filter(({ action }) => action.type === 'forward').map(said);
  return first !== undefined && others.every((other) => other !== undefined && isSame(first, other)) ? first : undefined;
}
