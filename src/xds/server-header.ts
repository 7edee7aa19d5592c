import type { Route } from '../ir/route.ts';
import type { HeaderFields } from './header-changes.ts';

/** Takes the Server header of backends away. @param hides undefined: it stays. */
export function serverHeaderField(hides: true | undefined): Pick<HeaderFields, 'response_headers_to_remove'> {
  return hides ? { response_headers_to_remove: ['server'] } : {};
}

/** The fields of a route with it, unless its virtual host says it. */
export function withServerHeader({ hidesServer }: Route, ofHost: true | undefined, own: HeaderFields): HeaderFields {
  if (!hidesServer || ofHost) return own;
  return { ...own, response_headers_to_remove: [...(own.response_headers_to_remove ?? []), 'server'] };
}
