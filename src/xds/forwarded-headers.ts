import { isDeepStrictEqual } from 'node:util';
import { placesPlace } from '../ir/names.ts';
import type { ForwardedHeaders, RequestText, Route } from '../ir/route.ts';
import { celText, extracted } from './cel-format.ts';
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
  others,
}: ForwardedHeaders): Required<Pick<HeaderFields, 'request_headers_to_add' | 'request_headers_to_remove'>> {
  const values = {
    'x-original-forwarded-host': '%REQ(X-FORWARDED-HOST)%',
    ...(believesHost ? {} : { 'x-forwarded-host': '%REQ(:AUTHORITY)%' }),
    'x-forwarded-for': keepsForwardedFor ? saidAndPeer : '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
    'x-forwarded-scheme': '%REQ(X-FORWARDED-PROTO)%',
    'x-scheme': '%REQ(X-FORWARDED-PROTO)%',
    ...(addsUri ? { 'x-original-uri': '%REQ(:PATH)%' } : {}),
  };
  // Of several names the first one.
  const believed = [
    { header: { key: 'x-forwarded-host', value: extracted('x-forwarded-host', '^([^,]*)', String.raw`\1`) }, append_action: 'OVERWRITE_IF_EXISTS' },
    { header: { key: 'x-forwarded-host', value: '%REQ(:AUTHORITY)%' }, append_action: 'ADD_IF_ABSENT' },
  ] as const;
  // Only a request for an upgrade has it by now.
  const upgrade = { header: { key: 'connection', value: 'upgrade' }, append_action: 'OVERWRITE_IF_EXISTS' } as const;
  return {
    request_headers_to_add: [
      ...Object.entries(values).map(([key, value]) => ({ header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const })),
      ...(believesHost ? believed : []),
      upgrade,
      ...others
        .filter(({ value }) => value.length > 0)
        .map(({ name, value }) => ({ header: { key: name, value: formatOf(value) }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const })),
    ],
    // Envoy leaves a header as it is where its value would be empty.
    request_headers_to_remove: ['proxy', 'x-original-forwarded-host', ...others.filter(({ name, value }) => mayBeEmpty(name, value)).map(({ name }) => name)],
  };
}

/** What the client said, with ", " behind it as nginx joins them, and the peer. */
const saidAndPeer = `${extracted(originalForwardedFor, '(.+)', String.raw`\1, `)}%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%`;

/** A part that names the header itself is what the client sends, which then must stay. */
function mayBeEmpty(name: string, value: RequestText): boolean {
  return value.every((part) => {
    if (typeof part === 'string') return part === '';
    if ('of' in part) return !alwaysThere.has(part.of);
    return !('header' in part) || part.header !== name;
  });
}

const alwaysThere: ReadonlySet<string> = new Set(['clientAddress', 'clientPort', 'host', 'path', 'peerAddress', 'protocol']);

const operators = {
  clientAddress: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  clientPort: '%DOWNSTREAM_REMOTE_PORT%',
  host: "%CEL(re.capture(request.host, '([^:]*)(?::.*)?'))%",
  path: '%PATH(NQ:PATH)%',
  peerAddress: '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%',
  protocol: '%PROTOCOL%',
  query: '%QUERY_PARAMS(ORIG)%',
  serverName: '%REQUESTED_SERVER_NAME%',
  tlsCipher: '%DOWNSTREAM_TLS_CIPHER%',
  tlsVersion: '%DOWNSTREAM_TLS_VERSION%',
} as const;

/** A `%` starts one of Envoy's command operators unless it is doubled. */
function formatOf(value: RequestText): string {
  return value
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll('%', '%%');
      if ('of' in part) return operators[part.of];
      if ('cookie' in part) return `%CEL(re.capture(request.headers['cookie'], '(?:.*; ?)?${part.cookie}=([^;]*)(?:;.*)?'))%`;
      if ('place' in part) return `%DYNAMIC_METADATA(${placesPlace}:${part.place})%`;
      if ('group' in part) return `%CEL(re.extract(request.url_path, ${celText(part.pattern)}, ${celText(`\\${part.group}`)}))%`;
      return 'parameter' in part ? `%QUERY_PARAM(${part.parameter})%` : `%REQ(${part.header})%`;
    })
    .join('');
}

/** Whether both say the same. */
export function isSameForwarded(one: ForwardedHeaders, other: ForwardedHeaders): boolean {
  return one === other || isDeepStrictEqual(one, other);
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
