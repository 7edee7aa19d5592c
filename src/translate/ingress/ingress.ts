import { diagnostic, type Report } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import { eachOfListAtOnce } from '../../memo/each-of-list.ts';
import { createSlot } from '../../memo/slot.ts';
import { controllerOf } from '../../nginx/controller.ts';
import { clientCertificate } from '../../nginx/family/client-certificate.ts';
import { serverAlias } from '../../nginx/family/server-alias.ts';
import { sslCiphers } from '../../nginx/family/ssl-ciphers.ts';
import { sslPassthrough } from '../../nginx/family/ssl-passthrough.ts';
import type { Settings } from '../../settings.ts';
import type { Stored } from '../../store/stored.ts';
import type { Work } from '../../work.ts';
import { plainChain } from '../gateway.ts';
import { ingressSettings } from '../gateway-settings.ts';
import { clientAddressOf, type GroupPort, type GroupPorts, type HostBlock, hostBlock, type PortRefusal } from '../group-port.ts';
import type { OwnedRoute } from '../precedence.ts';
import type { Reading } from '../route-context.ts';
import { createRouteNamer } from '../route-name.ts';
import { sameRoute } from '../same-route.ts';
import { httpLog } from './access-log.ts';
import type { AuthzAccess } from './authz.ts';
import { type Blocking, blockingOf } from './blocking.ts';
import { canariesOf, noCanaries } from './canaries.ts';
import { clientCheckOf } from './client-check.ts';
import { reportController } from './controller-report.ts';
import { withDefaultBackend } from './default-backend.ts';
import { defaultCertificate, type OwnCertificate } from './default-certificate.ts';
import { checkEnds, checkedRoutes } from './feature/client-certificate.ts';
import type { IngressPort } from './feature/feature.ts';
import { hostTlsOf } from './host-tls.ts';
import { type Placed, type ServerContext, type ServerLookups, sharedByServers } from './known-server.ts';
import type { Server } from './location.ts';
import { locationRank } from './location-match.ts';
import { locationRoutes } from './location-routes.ts';
import { passTlsThrough } from './passthrough.ts';
import { proxyHeadersOf } from './proxy-headers.ts';
import { readIngresses } from './read-ingresses.ts';
import { restLocation } from './rest-location.ts';
import { routesOfNobody, type ServerRoute, serverRoutes, wwwRedirect } from './server-routes.ts';
import { type ServerRow, serverRows } from './server-rows.ts';
import { knownServers, servedServers } from './servers.ts';
import { ticketKeysSecret } from './ticket-keys.ts';
import { addDefaultChain, addNamedChains, addTlsHosts, hasTls, tlsHosts } from './tls.ts';
import { ownReading, upstreamFamilies, upstreamReadings } from './upstreams.ts';

interface IngressOptions extends Pick<Settings, 'ingress'> {
  readonly ownCertificate: OwnCertificate;
  readonly authz: AuthzAccess;
}

/**
 * Puts every Ingress of ours on the ports 80 and 443 of its group, beside the Gateways that stand there: routes of both under
 * one host name are tried by their precedence. Ingresses mean what they mean for ingress-nginx, annotations and settings included.
 *
 * A host name with TLS, on whichever Ingress, redirects HTTP to HTTPS with 308, as ingress-nginx does by default; but for
 * challenges of ACME, and unless port 443 cannot be had. Port 443 serves the Ingresses without TLS too, with the default certificate.
 * Gives `AnnotationIgnored`, `BackendNotFound`, `CanaryIgnored`, `CanaryReachesOthers`, `ClassForeign`, `ClientAddressForgeable`, `FlagIgnored`, `FlagInert`, `FlagOverridden`, `ForwardedHeadersBelieved`, `SettingIgnored`, `IngressDropped`, `IngressDenied`, `ListenerConflict`, and what backends and certificates give.
 */
export function* placeIngresses(ports: GroupPorts, reading: Reading, ingressOptions: IngressOptions, report: Report): Work<void> {
  const { view, changes } = reading;
  const controller = controllerOf(view, ingressOptions.ingress);
  const ingresses = yield* readIngresses(controller, reading, report);
  const { tcpServices, udpServices } = controller.flags;
  if (ingresses.ours > 0 || tcpServices !== undefined || udpServices !== undefined) reportController(view, controller, ingressOptions.ingress, report);
  if (ingresses.ours === 0) return;
  const oldest = ingresses.oldest ? [ingresses.oldest] : [];
  const settings = ingressSettings(view);
  const wanted = tlsHosts(ingresses.withTls);
  const plain = ports.claim(settings, 80, 'HTTP');
  const secure = ports.claim(settings, 443, 'HTTPS');
  const http = usable(plain, 'refused' in plain ? ingresses.mains().map(({ ingress }) => ingress) : oldest, report);
  const https = usable(secure, [...new Set(wanted.map(({ ingress }) => ingress))], report);
  if (http) http.chains.set('*', http.chains.get('*') ?? plainChain(http));
  const certificate = defaultCertificate(view, controller.flags, ingressOptions.ownCertificate, report);
  const [namespace = '', name = ''] = controller.flags.configMap.split('/');
  const ticketKeys = ticketKeysSecret(view, namespace, name);
  const tlsOf = hostTlsOf(controller, ticketKeys, ingresses.asking(sslCiphers));
  if (https) {
    if (ticketKeys) https.secrets.set(ticketKeys.name, ticketKeys);
    addTlsHosts(view, wanted, https, tlsOf, report);
    if (!controller.value('ssl-reject-handshake')) addDefaultChain(certificate, oldest, https, tlsOf);
  }
  const redirected = new Set(https ? wanted.map(({ host }) => host) : []);
  const written = knownServers(ingresses, changes, report);
  const servers = servedServers(withDefaultBackend(written, oldest, { view, controller }, report), ingresses.asking(serverAlias), report);
  if (https && controller.value('ssl-reject-handshake')) addNamedChains(certificate, servers, https, tlsOf);
  const blocking = blockingOf(controller, report);
  addNobody([http, https], servers, blocking, oldest[0]);
  const canaryOf = ingresses.canaries.length === 0 ? noCanaries : canariesOf(ingresses.served(), written, report);
  const asking = upstreamFamilies.flatMap(ingresses.asking);
  const upstreamReadingOf = asking.length === 0 ? ownReading : upstreamReadings(ingresses.mains(), asking);
  const asksClients = ingresses.asking(clientCertificate).length > 0;
  let hosts: ReadonlySet<string> | undefined;
  const isKnown = (host: string): boolean => {
    hosts ??= new Set(servers.map((server) => server.host));
    return hosts.has(host);
  };
  const lookups: ServerLookups = { ...reading, canaryOf, upstreamReadingOf, isKnown };
  const shared = sharedByServers(changes, {
    controller,
    hasCanaries: canaryOf !== noCanaries,
    sharesUpstreams: upstreamReadingOf !== ownReading,
    authz: ingressOptions.authz,
    logWords: httpLog(controller).words,
    blocking,
    proxyHeaders: proxyHeadersOf(view, controller, report),
  });
  const places = [placeOf(http, 'http'), placeOf(https, 'https')].filter((place) => place !== undefined);
  const factsOf = (server: Server) => ({
    server,
    // What has more labels than a wildcard has none of its certificate.
    hasTls: server.order >= 0 && hasTls(redirected, server.host),
    clientCheck: asksClients ? clientCheckOf(server, https, { view, controller, report, certificate, tlsOf }) : undefined,
  });
  const whole = { shared, ports: places.map(({ at }) => at), redirected, asksClients };
  const rows = yield* serverRows(servers, whole, factsOf, lookups, report, placedServer);
  for (const [place, { port, at }] of places.entries()) {
    for (const block of blocksIn[place]?.(at.scheme, rows) ?? []) port.blocks.push(block);
    // Those of all ports of a group are put together in the end.
    for (const backend of backendsIn[place]?.(at.scheme, rows) ?? []) port.backends.push(backend);
  }
  if (https && ingresses.asking(sslPassthrough).length > 0) passTlsThrough(written, https, { view, resolver: reading.resolver, controller, report });
}

/** A port, and what is known of it. */
interface Place {
  readonly port: GroupPort;
  readonly at: IngressPort;
}

function placeOf(port: GroupPort | undefined, scheme: IngressPort['scheme']): Place | undefined {
  return port && { port, at: { scheme, number: port.port, clientAddress: clientAddressOf(port) } };
}

/** What all host names put on the first port, and on the second. */
const blocksIn = [0, 1].map((place) => itemsOfRows(({ known }) => known[place]?.placed.blocks ?? []));
const backendsIn = [0, 1].map((place) => itemsOfRows(({ known }) => known[place]?.placed.backends ?? []));

/** Nearly all rows have one item: to look into each of thousands of rows, which fit no cache, costs more than all else that is done with them. */
function itemsOfRows<Item extends object>(itemsOf: (row: ServerRow) => readonly Item[]): (name: string, rows: readonly ServerRow[]) => readonly Item[] {
  const firsts = eachOfListAtOnce((row: ServerRow) => itemsOf(row)[0]);
  const areOne = eachOfListAtOnce((row: ServerRow) => itemsOf(row).length === 1);
  return (name, rows) => (areOne(name, rows).includes(false) ? rows.flatMap(itemsOf) : (firsts(name, rows) as readonly Item[]));
}

/** Of the oldest Ingress, as somebody must answer for it. */
function addNobody(ports: readonly (GroupPort | undefined)[], servers: readonly Server[], blocking: Blocking, owner: Stored<'Ingress'> | undefined): void {
  if (!owner) return;
  const nameOf = createRouteNamer(owner);
  for (const { route: made, rank } of routesOfNobody(servers, blocking)) {
    const route = { ...made, name: nameOf(made.match, 'healthz', true), origins: [owner.origin()] };
    const block = blockOfNobody({ route: sameRoute(route, owner, 'health'), owner, rank });
    for (const port of ports) port?.blocks.push(block);
  }
}

/** By the route. */
const blocksOfNobody = createSlot<OwnedRoute['route'], HostBlock>();

/** The same object for the same route, whose rank follows from it. */
function blockOfNobody(owned: OwnedRoute): HostBlock {
  const block = blocksOfNobody.get(owned.route) ?? hostBlock('*', [owned]);
  blocksOfNobody.set(owned.route, block);
  return block;
}

function usable(port: GroupPort | PortRefusal, ingresses: readonly Stored<'Ingress'>[], report: Report): GroupPort | undefined {
  if (!('refused' in port)) {
    const first = ingresses[0];
    if (first && port.origins.length === 0) port.origins.push(first.origin());
    return port;
  }
  for (const ingress of ingresses) {
    const message = `Of the ports of an Ingress, 80 and 443, one cannot be had (${port.refused}), so the Ingress is not served there.`;
    report(diagnostic('ListenerConflict', ingress.origin(), message, 'Move the Gateway that holds it to another port, or to a group of its own.'));
  }
  return undefined;
}

/** What a host name puts on a port. */
function placedServer(context: ServerContext): Placed {
  const { server, clientCheck, port, isKnown } = context;
  const routes: Placed['routes'][number][] = [];
  const backends = new Map<string, Backend>();
  const collecting = { ...context, collect: (backend: Backend) => void backends.set(backend.name, backend) };
  const namers = new Map<Stored<'Ingress'>, ReturnType<typeof createRouteNamer>>();
  const namerOf = (owner: Stored<'Ingress'>): ReturnType<typeof createRouteNamer> => {
    const namer = namers.get(owner) ?? createRouteNamer(owner);
    namers.set(owner, namer);
    return namer;
  };
  const addOfServer = (host: string, { ingress: owner, field, route, rank }: ServerRoute): void => {
    const nameOf = namerOf(owner);
    routes.push({ host, owned: { route: { ...route, name: nameOf(route.match, host, false), origins: [owner.origin(field)] }, owner, rank } });
  };
  for (const one of serverRoutes(server, context.blocking))
    for (const route of checkedRoutes(one.route, clientCheck, port)) addOfServer(server.host, { ...one, route });
  for (const one of checkEnds(server, clientCheck, port)) addOfServer(server.host, one);
  const www = wwwRedirect(server, context);
  if (www && !isKnown(www.from)) for (const one of www.routes) addOfServer(www.from, one);
  // Nobody gets to the paths of a host name that is closed.
  if (clientCheck === 'closed') return { routes, backends: [] };
  const rest = restLocation(server);
  for (const location of rest ? [...server.locations, rest] : server.locations) {
    const owner = location.ingress;
    const rank = locationRank(server, location);
    for (const route of locationRoutes(location, collecting, namerOf(owner))) routes.push({ host: server.host, owned: { route, owner, rank } });
  }
  return { routes, backends: [...backends.values()] };
}
