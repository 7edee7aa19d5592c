import { diagnostic, type Report } from '../diagnostic.ts';
import type { RedirectAction } from '../ir/route.ts';
import type { Stored } from '../store/stored.ts';
import type { Work } from '../work.ts';
import { plainChain } from './gateway.ts';
import { ingressSettings } from './gateway-settings.ts';
import { addRoute, type GroupPort, type GroupPorts } from './group-port.ts';
import { isOurs } from './ingress-class.ts';
import { ingressPaths } from './ingress-rules.ts';
import { addTlsHosts, hasTls, tlsHosts } from './ingress-tls.ts';
import { compareOwners } from './precedence.ts';
import type { Reading } from './route-context.ts';
import { createRouteNamer } from './route-name.ts';

/** As ingress-nginx: method and body are kept. */
const httpsRedirect: RedirectAction = { type: 'redirect', scheme: 'https', port: 443, status: 308 };

/** Where certificate authorities look by plain HTTP before there is a certificate. @see https://www.rfc-editor.org/rfc/rfc8555#section-8.3 */
const challengePrefix = '/.well-known/acme-challenge/';

/**
 * Puts every Ingress of ours on the ports 80 and 443 of its group, beside the Gateways that stand there: routes of both under
 * one host name are tried by their precedence.
 *
 * A host name with TLS, on whichever Ingress, redirects HTTP to HTTPS with 308, as ingress-nginx does by default; but for
 * challenges of ACME, and unless port 443 cannot be had. Port 443 serves the Ingresses without TLS too, once it is there.
 * Gives `AnnotationIgnored`, `ClassForeign`, `ListenerConflict`, and what backends and certificates give.
 */
export function* placeIngresses(ports: GroupPorts, reading: Reading, report: Report): Work<void> {
  const { view } = reading;
  const ingresses = view.list('Ingress').filter((ingress) => isOurs(view, ingress, report));
  if (ingresses.length === 0) return;
  const sorted = ingresses.toSorted(compareOwners);
  const settings = ingressSettings(view);
  const wanted = tlsHosts(sorted);
  const plain = ports.claim(settings, 80, 'HTTP');
  const secure = wanted.length > 0 ? ports.claim(settings, 443, 'HTTPS') : ports.find(settings.group, 443, 'HTTPS');
  const http = usable(plain, sorted, report);
  const https = secure && usable(secure, [...new Set(wanted.map(({ ingress }) => ingress))], report);
  if (http) http.chains.set('*', http.chains.get('*') ?? plainChain(http));
  if (https) addTlsHosts(view, wanted, https, report);
  const redirected = new Set(https ? wanted.map(({ host }) => host) : []);
  for (const ingress of sorted) {
    reportAnnotations(ingress, report);
    place(ingress, { http, https, redirected }, reading, report);
    yield;
  }
}

interface Ports {
  readonly http: GroupPort | undefined;
  readonly https: GroupPort | undefined;
  /** Host names whose plain HTTP leads to HTTPS. */
  readonly redirected: ReadonlySet<string>;
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

function place(ingress: Stored<'Ingress'>, { http, https, redirected }: Ports, { view, resolver, policies }: Reading, report: Report): void {
  const nameOf = createRouteNamer(ingress);
  const collected = [http, https].filter((port) => port !== undefined);
  const collect = (backend: Parameters<typeof resolver.secrets>[0]): void => {
    for (const port of collected) port.backends.set(backend.name, backend);
  };
  for (const { host, match, action, field } of ingressPaths(ingress, { view, resolver, traffic: { policies, around: [] }, report, collect })) {
    const route = { name: nameOf(match, host, false), match, action, origins: [ingress.origin(field)] };
    const leadsToHttps = hasTls(redirected, host) && !match.path.value.startsWith(challengePrefix);
    if (http) addRoute(http, host, { route: leadsToHttps ? { ...route, action: httpsRedirect } : route, owner: ingress });
    if (https) addRoute(https, host, { route, owner: ingress });
  }
}

function reportAnnotations(ingress: Stored<'Ingress'>, report: Report): void {
  const names = Object.keys(ingress.object.metadata.annotations ?? {}).filter((name) => name.startsWith('nginx.ingress.kubernetes.io/'));
  if (names.length === 0) return;
  const message = `Annotations of ingress-nginx are not read yet, so the Ingress is served as if these were not there: ${names.join(', ')}.`;
  report(diagnostic('AnnotationIgnored', ingress.origin(['metadata', 'annotations']), message, 'Say it with an HTTPRoute or a BackendPolicy.'));
}
