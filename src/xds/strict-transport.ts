import type { Route } from '../ir/route.ts';
import type { HeaderFields } from './header-changes.ts';

/** @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security */
export function strictTransportField(value: string | undefined): Pick<HeaderFields, 'response_headers_to_add'> {
  if (value === undefined) return {};
  return { response_headers_to_add: [{ header: { key: 'strict-transport-security', value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }] };
}

/** The fields of a route with it, unless its virtual host says it. */
export function withStrictTransport({ strictTransport }: Route, ofHost: string | undefined, own: HeaderFields): HeaderFields {
  if (strictTransport === undefined || ofHost !== undefined) return own;
  const added = strictTransportField(strictTransport).response_headers_to_add ?? [];
  return { ...own, response_headers_to_add: [...added, ...(own.response_headers_to_add ?? [])] };
}
