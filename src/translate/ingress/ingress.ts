import { diagnostic, type Report } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
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
import { addRoutes, clientAddressOf, type GroupPort, type GroupPorts } from '../group-port.ts';
import type { Reading } from '../route-context.ts';
import { createRouteNamer } from '../route-name.ts';
import { sameRoute } from '../same-route.ts';
import { httpLog } from './access-log.ts';
import type { AuthzAccess } from './authz.ts';
import { type Blocking, blockingOf } from './blocking.ts';
import { canariesOf } from './canaries.ts';
import { clientCheckOf } from './client-check.ts';
import { reportController } from './controller-report.ts';
import { withDefaultBackend } from './default-backend.ts';
import { defaultCertificate, type OwnCertificate } from './default-certificate.ts';
import { checkEnds, checkedRoutes } from './feature/client-certificate.ts';
import type { IngressPort } from './feature/feature.ts';
import { hostTlsOf } from './host-tls.ts';
import { knownServer, type Placed, type ServerContext, type ServerLookups, sharedByServers } from './known-server.ts';
import type { Server } from './location.ts';
import { locationRank } from './location-match.ts';
import { locationRoutes } from './location-routes.ts';
import { passTlsThrough } from './passthrough.ts';
import { proxyHeadersOf } from './proxy-headers.ts';
import { readIngresses } from './read-ingresses.ts';
import { restLocation } from './rest-location.ts';
import { routesOfNobody, type ServerRoute, serverRoutes, wwwRedirect } from './server-routes.ts';
import { knownServers, servedServers } from './servers.ts';
import { addDefaultChain, addNamedChains, addTlsHosts, hasTls, tlsHosts } from './tls.ts';
import { upstreamFamilies, upstreamReadings } from './upstreams.ts';

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
  const { mains, withTls } = ingresses;
  if (ingresses.ours === 0) return;
  const oldest = mains.slice(0, 1).map(({ ingress }) => ingress);
  const settings = ingressSettings(view);
  const wanted = tlsHosts(withTls);
  const plain = ports.claim(settings, 80, 'HTTP');
  const secure = ports.claim(settings, 443, 'HTTPS');
  const http = usable(plain, 'refused' in plain ? mains.map(({ ingress }) => ingress) : oldest, report);
  const https = usable(secure, [...new Set(wanted.map(({ ingress }) => ingress))], report);
  if (http) http.chains.set('*', http.chains.get('*') ?? plainChain(http));
  const certificate = defaultCertificate(view, controller.flags, ingressOptions.ownCertificate, report);
  const tlsOf = hostTlsOf(controller, ingresses.asking(sslCiphers));
  if (https) {
    addTlsHosts(view, wanted, https, tlsOf, report);
    if (!controller.value('ssl-reject-handshake')) addDefaultChain(certificate, oldest, https, tlsOf);
  }
  const redirected = new Set(https ? wanted.map(({ host }) => host) : []);
  const written = knownServers(ingresses, changes, report);
  const servers = servedServers(withDefaultBackend(written, mains, { view, controller }, report), ingresses.asking(serverAlias), report);
  if (https && controller.value('ssl-reject-handshake')) addNamedChains(certificate, servers, https, tlsOf);
  const blocking = blockingOf(controller, report);
  addNobody([http, https], servers, blocking, oldest[0]);
  const canaryOf = canariesOf(ingresses.served, written, report, ingresses.canaries);
  const upstreamReadingOf = upstreamReadings(mains, upstreamFamilies.flatMap(ingresses.asking));
  const asksClients = ingresses.asking(clientCertificate).length > 0;
  const known = new Set(servers.map(({ host }) => host));
  const lookups: ServerLookups = { ...reading, canaryOf, upstreamReadingOf, isKnown: (host) => known.has(host) };
  const shared = sharedByServers(changes, {
    controller,
    authz: ingressOptions.authz,
    logWords: httpLog(controller).words,
    blocking,
    proxyHeaders: proxyHeadersOf(view, controller, report),
  });
  const places = [placeOf(http, 'http'), placeOf(https, 'https')].filter((place) => place !== undefined);
  for (const server of servers) {
    const facts = {
      server,
      // What has more labels than a wildcard has none of its certificate.
      hasTls: server.order >= 0 && hasTls(redirected, server.host),
      clientCheck: asksClients ? clientCheckOf(server, https, { view, controller, report, certificate, tlsOf }) : undefined,
    };
    let isMade = false;
    const make = (context: ServerContext): Placed => {
      isMade = true;
      return placedServer(context);
    };
    for (const { port, at } of places) {
      const { blocks, backends } = knownServer(facts, shared, at, lookups, report, make);
      for (const { host, routes } of blocks) addRoutes(port, host, routes);
      for (const backend of backends) port.backends.set(backend.name, backend);
    }
    if (isMade) yield;
  }
  if (https && ingresses.asking(sslPassthrough).length > 0) passTlsThrough(written, https, { view, resolver: reading.resolver, controller, report });
}

function placeOf(port: GroupPort | undefined, scheme: IngressPort['scheme']): { readonly port: GroupPort; readonly at: IngressPort } | undefined {
  return port && { port, at: { scheme, number: port.port, clientAddress: clientAddressOf(port) } };
}

/** Of the oldest Ingress, as somebody must answer for it. */
function addNobody(ports: readonly (GroupPort | undefined)[], servers: readonly Server[], blocking: Blocking, owner: Stored<'Ingress'> | undefined): void {
  if (!owner) return;
  const nameOf = createRouteNamer(owner);
  for (const { route: made, rank } of routesOfNobody(servers, blocking)) {
    const route = { ...made, name: nameOf(made.match, 'healthz', true), origins: [owner.origin()] };
    for (const port of ports) if (port) addRoutes(port, '*', [{ route: sameRoute(route, owner, 'health'), owner, rank }]);
  }
}

function usable(port: GroupPort | { readonly refused: string }, ingresses: readonly Stored<'Ingress'>[], report: Report): GroupPort | undefined {
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
  for (const one of serverRoutes(server)) for (const route of checkedRoutes(one.route, clientCheck, port)) addOfServer(server.host, { ...one, route });
  for (const one of checkEnds(server, clientCheck, port)) addOfServer(server.host, one);
  const www = wwwRedirect(server, context);
  if (www && !isKnown(www.from)) addOfServer(www.from, www);
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
