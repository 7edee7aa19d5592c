import type { Origin } from '../diagnostic.ts';
import type { Listener } from '../ir/gateway.ts';
import { clientSubjectHeader, serverNameHeader } from '../ir/names.ts';
import type { Route, RouteConfiguration, ValueMatch, VirtualHost } from '../ir/route.ts';
import { eachOfList, eachOfListAtOnce } from '../memo/each-of-list.ts';
import { createSlot } from '../memo/slot.ts';
import { encode } from '../proto/codec.ts';
import { keptBytes } from '../proto/kept-bytes.ts';
import type { Message } from '../proto/message.ts';
import { bool } from '../proto/values.ts';
import type { Resource } from '../resource.ts';
import { tableResource } from '../route-table.ts';
import { done, type Work } from '../work.ts';
import { withClientCertificate } from './client-certificate.ts';
import { limitDescriptors } from './filter/client-limit.ts';
import { answeredHeader } from './filter/error-pages-script.ts';
import { withWebCalls } from './filter/grpc-web.ts';
import { idempotentRetryMetadata } from './filter/idempotent-retries.ts';
import { filters } from './filter/index.ts';
import { keepsSessions } from './filter/session-keys.ts';
import { endpointHeader, keysHeader } from './filter/sticky-script.ts';
import { forwardAction } from './forward.ts';
import { hostHeaders, isSameForwarded, withForwarded } from './forwarded-headers.ts';
import { type HeaderFields, headerFields } from './header-changes.ts';
import { hiddenHeadersField, withHiddenHeaders } from './hidden-headers.ts';
import { logMetadata } from './log-words.ts';
import { type SaidByHost, saidByAll } from './of-host.ts';
import { withOriginalPath } from './original-path.ts';
import { needsProxyHeader } from './proxy-header.ts';
import { redirectRoutes } from './redirect.ts';
import { routeMatch } from './route-match.ts';
import { contextFields, isSameContext, spanField, spanMetadata, withContext } from './tracing.ts';

type Entry = Message<'envoy.config.route.v3.Route'>;
type Match = Message<'envoy.config.route.v3.RouteMatch'>;
type Scheme = 'http' | 'https';

/**
 * All virtual hosts of a port. A host that has none is answered with 404 by Envoy itself.
 * - Clusters are not checked against CDS: a route to a cluster that is on its way must not refuse the whole table.
 * - A request's port is ignored (`Host: a.example.com:8080` is `a.example.com`) unless a virtual host tells ports apart.
 * - Changes of headers go from the general to the special, so that a route has the last word over the port, a share over its route.
 * @param listener the listener that asks for it; it says which port people see and who the client is.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto
 */
export function routeResource(configuration: RouteConfiguration, listener: Listener): Resource {
  return done(routeTable(configuration, listener));
}

/** The same in short turns. The same object for the same virtual hosts and a listener that says the same. */
export function* routeTable(configuration: RouteConfiguration, listener: Listener): Work<Resource> {
  const scheme = listener.filterChains.some((chain) => chain.tls) ? 'https' : 'http';
  const encoded = yield* encodedHosts[scheme](configuration.name, configuration.virtualHosts);
  const tellsPortsApart = namesPorts(configuration.name, configuration.virtualHosts).includes(true);
  const message: Message<'envoy.config.route.v3.RouteConfiguration'> = {
    name: configuration.name,
    validate_clusters: bool(false),
    most_specific_header_mutations_wins: true,
    ...(!tellsPortsApart && { ignore_port_in_host_matching: true }),
    ...(listener.direction === 'gateway' && edgeHeaders(listener, scheme === 'https')),
  };
  const own = keptBytes(encode('envoy.config.route.v3.RouteConfiguration', message));
  const before = tables.get(configuration.virtualHosts);
  if (before && before.scheme === scheme && Buffer.compare(before.own, own) === 0) return before.resource;
  const resource = tableResource(configuration.name, { own, hosts: encoded }, joinedOrigins(originLists(configuration.name, configuration.virtualHosts)));
  tables.set(configuration.virtualHosts, { own, scheme, resource });
  return resource;
}

/** What was made of a list of virtual hosts. */
const tables = createSlot<readonly VirtualHost[], { readonly own: Uint8Array; readonly scheme: Scheme; readonly resource: Resource }>();

/** Of each virtual host where it comes from. */
const originLists = eachOfListAtOnce(originsOf);

/** A function of its own, as what a revision holds on to must not hold on to the objects that it was made of. */
const joinedOrigins = (ofHosts: readonly (readonly Origin[])[]) => (): readonly Origin[] => distinct(ofHosts.flat());

/** Of each virtual host whether it tells ports apart. */
const namesPorts = eachOfListAtOnce(({ domains }: VirtualHost) => domains.some((domain) => /:\d+$/.test(domain)));

/** What was made of a virtual host for requests of each scheme: it may stand in several tables. */
const known = { http: createSlot<VirtualHost, Uint8Array>(), https: createSlot<VirtualHost, Uint8Array>() };

const encodedHosts = {
  http: eachOfList((host: VirtualHost) => encodedHost(host, 'http')),
  https: eachOfList((host: VirtualHost) => encodedHost(host, 'https')),
};

function encodedHost(host: VirtualHost, scheme: Scheme): Uint8Array {
  const before = known[scheme].get(host);
  if (before) return before;
  const made = keptBytes(encode('envoy.config.route.v3.VirtualHost', virtualHost(host, scheme)));
  // Only the URLs of redirects depend on how the client came.
  const isForBoth = host.routes.every(({ action }) => action.type !== 'redirect');
  for (const one of isForBoth ? (['http', 'https'] as const) : [scheme]) known[one].set(host, made);
  return made;
}

/**
 * What backends behind nginx are used to: the port that the client asked for (the bound one differs for 80 and 443) and its
 * address alone, once. A trusted proxy in front knows the port better, and so does a PROXY header.
 */
function edgeHeaders({ writtenPort, clientAddress }: Listener, isTls: boolean): Message<'envoy.config.route.v3.RouteConfiguration'> {
  const isBelieved = clientAddress.mode === 'XForwardedFor' && clientAddress.believesOthers;
  return {
    request_headers_to_add: [
      {
        header: { key: 'x-forwarded-port', value: needsProxyHeader(clientAddress) ? '%DOWNSTREAM_LOCAL_PORT%' : String(writtenPort) },
        append_action: isBelieved ? 'ADD_IF_ABSENT' : 'OVERWRITE_IF_EXISTS_OR_ADD',
      },
      { header: { key: 'x-real-ip', value: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    ],
    request_headers_to_remove: ['x-envoy-external-address', ...(isTls ? [serverNameHeader, clientSubjectHeader] : [])],
  };
}

function virtualHost(host: VirtualHost, scheme: Scheme): Message<'envoy.config.route.v3.VirtualHost'> {
  const said: SaidByHost = {
    forwarded: saidByAll(host, ({ forwarded }) => forwarded, isSameForwarded),
    strictTransport: saidByAll(host, ({ strictTransport }) => strictTransport),
    hiddenHeaders: saidByAll(host, ({ hiddenHeaders }) => hiddenHeaders),
    span: saidByAll(host, ({ span }) => span, isSameContext),
  };
  const configured = filters.flatMap((filter) => {
    const config = filter.host?.(host, said);
    return config ? [[filter.name, config] as const] : [];
  });
  const headers = hostHeaders(said.forwarded);
  const added = [...(headers.request_headers_to_add ?? []), ...(contextFields(said.span).request_headers_to_add ?? [])];
  return {
    name: host.name,
    domains: [...host.domains],
    ...headers,
    ...(added.length > 0 && { request_headers_to_add: added }),
    ...hiddenHeadersField(said.hiddenHeaders),
    routes: host.routes.flatMap((route) => entries(route, scheme, said)),
    ...(configured.length > 0 && { typed_per_filter_config: Object.fromEntries(configured) }),
  };
}

/** A route as Envoy tries it: usually one entry, all of the same name where it takes more. */
function entries(route: Route, scheme: Scheme, said: SaidByHost): Entry[] {
  const configured = filters.flatMap((filter) => {
    const config = filter.route(route, said);
    return config ? [[filter.name, config] as const] : [];
  });
  const common = {
    name: route.name,
    ...changedHeaders(route, said),
    ...metadataOf(route),
    ...spanField(route),
    ...(configured.length > 0 && { typed_per_filter_config: Object.fromEntries(configured) }),
  } satisfies Entry;
  return matchesOf(route)
    .flatMap((match) => actions(route, match, scheme))
    .flatMap((entry) => withWebCalls(route, { ...common, ...entry }));
}

/** What filters and access logs find of a route. */
function metadataOf(route: Route): Pick<Entry, 'metadata'> {
  const found = { ...idempotentRetryMetadata(route), ...logMetadata(route), ...spanMetadata(route) };
  return Object.keys(found).length > 0 ? { metadata: { filter_metadata: found } } : {};
}

/** All changes of headers by a route, those of our own after those that were written. */
function changedHeaders(route: Route, { forwarded, hiddenHeaders, span }: SaidByHost): HeaderFields {
  const written = withHiddenHeaders(route, hiddenHeaders, headerFields(route.requestHeaders, route.responseHeaders));
  const told = withContext(route, span, withClientCertificate(route, withForwarded(route, forwarded, written)));
  return withEndpoint(route, withAnswered(route, withOriginalPath(route, told)));
}

/** The script of error pages finds here who answered, and which endpoint was asked; it takes the header away. */
function withAnswered({ errorPages }: Route, fields: HeaderFields): HeaderFields {
  if (!errorPages) return fields;
  const answered = {
    header: { key: answeredHeader, value: '%RESPONSE_CODE_DETAILS% %UPSTREAM_REMOTE_ADDRESS%' },
    append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const,
  };
  return { ...fields, response_headers_to_add: [...(fields.response_headers_to_add ?? []), answered] };
}

/**
 * The script that keeps sessions finds here which endpoint answered; it takes the header away before the client sees the answer,
 * as it does with the keys before the backend sees the request. These go here once more, should the script fail.
 */
function withEndpoint(route: Route, fields: HeaderFields): HeaderFields {
  if (!keepsSessions(route)) return fields;
  const endpoint = { key: endpointHeader, value: '%UPSTREAM_REMOTE_ADDRESS%' };
  return {
    ...fields,
    request_headers_to_remove: [...(fields.request_headers_to_remove ?? []), keysHeader],
    response_headers_to_add: [...(fields.response_headers_to_add ?? []), { header: endpoint, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }],
  };
}

/**
 * The match, and for CORS one for its preflight requests: these come with the method OPTIONS, name the method that is to follow,
 * and carry none of the headers that the request itself will have.
 * @see https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
function matchesOf({ match, cors }: Route): Match[] {
  if (!cors || (match.method === undefined && match.headers.length === 0 && !match.grpc)) return [routeMatch(match)];
  const { method } = match;
  const headers: ValueMatch[] = [
    { name: 'origin', type: 'present' },
    { name: 'access-control-request-method', ...(method === undefined ? { type: 'present' } : { type: 'exact', value: method }) },
  ];
  return [routeMatch(match), routeMatch({ path: match.path, query: match.query, method: 'OPTIONS', headers })];
}

function actions(route: Route, match: Match, scheme: Scheme): Entry[] {
  const { path } = route.match;
  const { action } = route;
  switch (action.type) {
    case 'forward':
      return [{ match, route: { ...forwardAction(path, action, route.forwarded), ...limitDescriptors(route) } }];
    case 'redirect':
      return redirectRoutes(path, match, action, scheme);
    case 'location':
      // The filter that knows where to answers before.
      return [{ match, direct_response: { status: action.status } }];
    case 'respond':
      return [{ match, direct_response: { status: action.status, ...(action.body !== undefined && { body: { inline_string: action.body } }) } }];
  }
}

/** By virtual host: most of a table are the same in the next build. */
const originsOfHosts = createSlot<VirtualHost, readonly Origin[]>();

function originsOf(host: VirtualHost): readonly Origin[] {
  const found = originsOfHosts.get(host) ?? distinct([...host.origins, ...host.routes.flatMap((route) => route.origins.slice(0, 1))]);
  originsOfHosts.set(host, found);
  return found;
}

/** Each object once: a table of a thousand routes of one HTTPRoute has one origin. */
function distinct(origins: readonly Origin[]): Origin[] {
  return [...new Map(origins.map((origin) => [origin.object ?? `${origin.file}:${origin.line}`, origin])).values()];
}
