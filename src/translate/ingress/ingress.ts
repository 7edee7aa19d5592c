import { diagnostic, type Report } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import { annotationOrigin } from '../../nginx/annotation-origin.ts';
import { type Controller, controllerOf } from '../../nginx/controller.ts';
import { canary } from '../../nginx/family/canary.ts';
import { families } from '../../nginx/family/index.ts';
import { notRead } from '../../nginx/family.ts';
import { knownReading } from '../../nginx/known-reading.ts';
import type { Settings } from '../../settings.ts';
import type { Stored } from '../../store/stored.ts';
import type { Work } from '../../work.ts';
import { plainChain } from '../gateway.ts';
import { ingressSettings } from '../gateway-settings.ts';
import { addRoute, clientAddressOf, type GroupPort, type GroupPorts } from '../group-port.ts';
import { compareOwners, type OwnedRoute } from '../precedence.ts';
import type { Reading } from '../route-context.ts';
import { createRouteNamer } from '../route-name.ts';
import { sameRoute } from '../same-route.ts';
import { httpLog } from './access-log.ts';
import type { AuthzAccess } from './authz.ts';
import { blockingOf } from './blocking.ts';
import { canariesOf } from './canaries.ts';
import { isOurs } from './class.ts';
import { clientCheckOf } from './client-check.ts';
import { reportController } from './controller-report.ts';
import { withDefaultBackend } from './default-backend.ts';
import { defaultCertificate, type OwnCertificate } from './default-certificate.ts';
import { checkEnds, checkedRoutes } from './feature/client-certificate.ts';
import { hostTlsOf } from './host-tls.ts';
import { knownServer, type PlacedServer, type ServerContext } from './known-server.ts';
import type { ReadIngress, Server } from './location.ts';
import { locationRank } from './location-match.ts';
import { locationRoutes } from './location-routes.ts';
import { passTlsThrough } from './passthrough.ts';
import { proxyHeadersOf } from './proxy-headers.ts';
import { healthRoute, type ServerRoute, serverRoutes, wwwRedirect } from './server-routes.ts';
import { servedServers, serversOf } from './servers.ts';
import { addDefaultChain, addNamedChains, addTlsHosts, hasTls, tlsHosts } from './tls.ts';

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
  const { view } = reading;
  const controller = controllerOf(view, ingressOptions.ingress);
  const ours = view.list('Ingress').filter((ingress) => isOurs(view, ingress, controller.flags, report));
  const { tcpServices, udpServices } = controller.flags;
  if (ours.length > 0 || tcpServices !== undefined || udpServices !== undefined) reportController(view, controller, ingressOptions.ingress, report);
  if (ours.length === 0) return;
  const served: ReadIngress[] = [];
  for (const ingress of ours.toSorted(compareOwners)) {
    const read = { ingress, reading: knownReading(ingress, controller, view) };
    if (reportReading(read, controller, report)) served.push(read);
    yield;
  }
  const mains = served.filter(({ reading: { of } }) => !of(canary));
  const sorted = mains.map(({ ingress }) => ingress);
  const settings = ingressSettings(view);
  const wanted = tlsHosts(sorted);
  const plain = ports.claim(settings, 80, 'HTTP');
  const secure = ports.claim(settings, 443, 'HTTPS');
  const http = usable(plain, sorted, report);
  const https = usable(secure, [...new Set(wanted.map(({ ingress }) => ingress))], report);
  if (http) http.chains.set('*', http.chains.get('*') ?? plainChain(http));
  const certificate = defaultCertificate(view, controller.flags, ingressOptions.ownCertificate, report);
  const tlsOf = hostTlsOf(controller, mains);
  if (https) {
    addTlsHosts(view, wanted, https, tlsOf, report);
    if (!controller.value('ssl-reject-handshake')) addDefaultChain(certificate, sorted, https, tlsOf);
  }
  const redirected = new Set(https ? wanted.map(({ host }) => host) : []);
  const blocking = blockingOf(controller, report);
  const proxyHeaders = proxyHeadersOf(view, controller, report);
  const logWords = httpLog(controller).words;
  const written = serversOf(mains, report);
  const servers = servedServers(withDefaultBackend(written, mains, { view, controller }, report), mains, report);
  if (https && controller.value('ssl-reject-handshake')) addNamedChains(certificate, servers, https, tlsOf);
  addHealth([http, https], servers, sorted[0]);
  const known = new Set(servers.map(({ host }) => host));
  const canaryOf = canariesOf(served, written, report);
  for (const server of servers) {
    const context = {
      ...reading,
      canaryOf,
      traffic: { policies: reading.policies, around: [] },
      report,
      controller,
      authz: ingressOptions.authz,
      logWords,
      blocking,
      proxyHeaders,
      server,
      hasTls: hasTls(redirected, server.host),
      clientCheck: clientCheckOf(server, https, { view, controller, report, certificate, tlsOf }),
    };
    for (const [port, scheme] of [
      [http, 'http'],
      [https, 'https'],
    ] as const) {
      if (!port) continue;
      const given = { ...context, scheme, clientAddress: clientAddressOf(port), collect: () => undefined, isKnown: (host: string) => known.has(host) };
      const { routes, backends } = knownServer(`${port.group} ${port.port}`, given, (noting) => placedServer(noting, port));
      for (const { host, owned } of routes) addRoute(port, host, owned);
      for (const backend of backends) port.backends.set(backend.name, backend);
    }
    yield;
  }
  if (https) passTlsThrough(written, https, { view, resolver: reading.resolver, controller, report });
}

/** Of the oldest Ingress, as somebody must answer for it. */
function addHealth(ports: readonly (GroupPort | undefined)[], servers: readonly Server[], owner: Stored<'Ingress'> | undefined): void {
  const health = healthRoute(servers);
  if (!health || !owner) return;
  const route = { ...health.route, name: createRouteNamer(owner)(health.route.match, 'healthz', true), origins: [owner.origin()] };
  for (const port of ports) if (port) addRoute(port, '*', sameAsBefore({ route, owner, rank: health.rank }, port, '*'));
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

/** Routes of Ingresses are made anew when anything of their host name changes: what says the same stays the same. */
function sameAsBefore(owned: OwnedRoute, port: GroupPort, host: string): OwnedRoute {
  return { ...owned, route: sameRoute(owned.route, owned.owner, `${port.group} ${port.port} ${host}`) };
}

/** The routes of a host name on a port, and their backends. */
function placedServer(context: ServerContext, port: GroupPort): PlacedServer {
  const { server, clientCheck, scheme, isKnown } = context;
  const routes: PlacedServer['routes'][number][] = [];
  const backends = new Map<string, Backend>();
  const collecting = { ...context, collect: (backend: Backend) => void backends.set(backend.name, backend) };
  const namers = new Map<Stored<'Ingress'>, ReturnType<typeof createRouteNamer>>();
  const namerOf = (owner: Stored<'Ingress'>): ReturnType<typeof createRouteNamer> => {
    const namer = namers.get(owner) ?? createRouteNamer(owner);
    namers.set(owner, namer);
    return namer;
  };
  const add = (host: string, owned: OwnedRoute): void => void routes.push({ host, owned: sameAsBefore(owned, port, host) });
  const addOfServer = (host: string, { ingress: owner, field, route, rank }: ServerRoute): void => {
    const nameOf = namerOf(owner);
    add(host, { route: { ...route, name: nameOf(route.match, host, false), origins: [owner.origin(field)] }, owner, rank });
  };
  for (const one of serverRoutes(server)) for (const route of checkedRoutes(one.route, clientCheck, scheme)) addOfServer(server.host, { ...one, route });
  for (const one of checkEnds(server, clientCheck, scheme)) addOfServer(server.host, one);
  const www = wwwRedirect(server, context, port.port);
  if (www && !isKnown(www.from)) addOfServer(www.from, www);
  for (const location of server.locations) {
    const owner = location.ingress;
    const rank = locationRank(server, location);
    for (const route of locationRoutes(location, collecting, namerOf(owner))) add(server.host, { route, owner, rank });
  }
  return { routes, backends: [...backends.values()] };
}

/** What has a declaration and no effect, and why. */
const withoutEffect = families.flatMap(({ read, annotations }) =>
  Object.values(annotations)
    .filter(({ verdict }) => verdict !== 'noop' && (read === notRead || verdict === 'report'))
    .map(({ name }) => ({ name, why: read === notRead ? 'is not read yet' : 'is nothing that Envoy can do' })),
);

/** Whether an annotation has the prefix: of most Ingresses none has, and every build asks. */
function isAnyBelow(annotations: Readonly<Record<string, string>>, prefix: string): boolean {
  for (const key in annotations) if (key.startsWith(prefix)) return true;
  return false;
}

/** Tells what became of the annotations. Gives whether the Ingress is served. */
function reportReading({ ingress, reading: { dropped, denied, ignored, unsupported } }: ReadIngress, controller: Controller, report: Report): boolean {
  const prefix = controller.flags.annotationsPrefix;
  const at = (annotation: string) => annotationOrigin(ingress, controller, annotation);
  const written = ingress.object.metadata.annotations ?? {};
  for (const { name, why } of dropped || !isAnyBelow(written, prefix) ? [] : withoutEffect) {
    if (written[`${prefix}/${name}`] === undefined) continue;
    const message = `${prefix}/${name} ${why}, so the Ingress is served as if it were not there.`;
    report(diagnostic('AnnotationIgnored', at(name), message, 'Say it with an HTTPRoute or a BackendPolicy.'));
  }
  for (const { annotation, message, isUnsupported } of ignored) {
    const where = isUnsupported ? 'unlike behind ingress-nginx' : 'as for ingress-nginx';
    report(diagnostic('AnnotationIgnored', at(annotation), `${prefix}/${annotation} has no effect, ${where}: ${message}.`));
  }
  for (const { annotation, message } of dropped ? [] : unsupported) {
    report(diagnostic('AnnotationIgnored', at(annotation), `${prefix}/${annotation} has no effect here: ${message}.`));
  }
  if (dropped) {
    const message = `The Ingress is not served at all, as ingress-nginx does not: of ${prefix}/${dropped.annotation}, ${dropped.message}.`;
    report(diagnostic('IngressDropped', at(dropped.annotation), message, 'Mend or remove the annotation.'));
  }
  if (denied && !dropped) {
    const message = `All paths of the Ingress are answered with 503, ${denied.isUnsupported ? 'unlike behind ingress-nginx' : 'as ingress-nginx does'}: of ${prefix}/${denied.annotation}, ${denied.message}.`;
    report(diagnostic('IngressDenied', at(denied.annotation), message, 'Mend or remove the annotation.'));
  }
  return !dropped;
}
