import type { ForwardedHeaders, Route, VirtualHost } from '../ir/route.ts';
import type { HeaderFields } from './header-changes.ts';

/** What the client said in X-Forwarded-For (or in the header that stands for it), kept before anything changes it. @see client-address.ts */
export const originalForwardedFor = 'x-original-forwarded-for';

/**
 * The headers of ingress-nginx. X-Real-IP, X-Forwarded-Port and X-Forwarded-Proto are those of every request. `Proxy` is taken away, as backends that run by
 * CGI would believe it (https://httpoxy.org).
 */
function forwardedFields({
  believesHost,
  keepsForwardedFor,
  addsUri,
}: ForwardedHeaders): Required<Pick<HeaderFields, 'request_headers_to_add' | 'request_headers_to_remove'>> {
  const values = {
    'x-original-forwarded-host': '%REQ(X-FORWARDED-HOST)%',
    'x-forwarded-host': believesHost ? '%REQ(X-FORWARDED-HOST?:AUTHORITY)%' : '%REQ(:AUTHORITY)%',
    ...(keepsForwardedFor ? {} : { 'x-forwarded-for': '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' }),
    'x-forwarded-scheme': '%REQ(X-FORWARDED-PROTO)%',
    'x-scheme': '%REQ(X-FORWARDED-PROTO)%',
    ...(addsUri ? { 'x-original-uri': '%REQ(:PATH)%' } : {}),
  };
  // Only a request for an upgrade has it by now.
  const upgrade = { header: { key: 'connection', value: 'upgrade' }, append_action: 'OVERWRITE_IF_EXISTS' } as const;
  return {
    request_headers_to_add: [
      ...Object.entries(values).map(([key, value]) => ({ header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const })),
      upgrade,
    ],
    request_headers_to_remove: ['proxy', 'x-original-forwarded-host'],
  };
}

/** What all routes of a virtual host that forward have, said once. Undefined: not all have the same. */
export function forwardedOfHost({ routes }: VirtualHost): ForwardedHeaders | undefined {
  const [first, ...others] = routes.filter(({ action }) => action.type === 'forward').map(({ forwarded }) => forwarded);
  return first && others.every((other) => other && isSame(first, other)) ? first : undefined;
}

function isSame(one: ForwardedHeaders, other: ForwardedHeaders): boolean {
  return one === other || (one.believesHost === other.believesHost && one.keepsForwardedFor === other.keepsForwardedFor && one.addsUri === other.addsUri);
}

/** The fields of a virtual host that says it for its routes. */
export function hostHeaders(ofHost: ForwardedHeaders | undefined): HeaderFields {
  return ofHost ? forwardedFields(ofHost) : {};
}

/** The fields of a route, with those of the client before its own, unless its virtual host says them. */
export function withForwarded({ forwarded }: Route, ofHost: ForwardedHeaders | undefined, own: HeaderFields): HeaderFields {
  if (!forwarded || ofHost) return own;
  const { request_headers_to_add, request_headers_to_remove } = forwardedFields(forwarded);
  return {
    ...own,
    request_headers_to_add: [...request_headers_to_add, ...(own.request_headers_to_add ?? [])],
    request_headers_to_remove: [...request_headers_to_remove, ...(own.request_headers_to_remove ?? [])],
  };
}
