import { diagnostic, type Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { DialName, Group } from '../ir/gateway.ts';
import { grpcGroupParts } from '../ir/names.ts';
import type { Route, RouteConfiguration } from '../ir/route.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import type { Work } from '../work.ts';
import { byName } from './by-name.ts';
import type { MeshRouter } from './mesh-route.ts';
import { isHttp2 } from './policy/protocol.ts';
import { requestPorts } from './service-port.ts';
import { namesOf, reachable } from './sidecar.ts';

/**
 * Groups of gRPC clients that speak xDS themselves, without an Envoy. `grpc/NAMESPACE` may dial the Services of its namespace,
 * `grpc/NAMESPACE/SERVICE` those that the Sidecar of the Service reaches: each port that is gRPC by its `appProtocol` or has
 * routes of its own, under the names that a sidecar knows it by. A group with nothing to dial is not there.
 * Only groups that somebody asks for are made: they cost nothing where nobody has such clients.
 * Gives `GrpcClientUnsupported`, and what routes and backends give.
 */
export function* grpcClientGroups(asked: Iterable<string>, view: StoreView, router: MeshRouter, report: Report): Work<readonly Group[]> {
  const groups: Group[] = [];
  for (const name of new Set(asked)) {
    const parts = grpcGroupParts(name);
    const dialled: DialledPort[] = [];
    for (const service of parts ? servicesFor(parts, view, report) : []) {
      dialled.push(...portsOf(service, parts?.namespace ?? '', router));
      yield;
    }
    if (dialled.length === 0) continue;
    const backends = byName(new Map(dialled.flatMap((port) => port.backends).map((backend) => [backend.name, backend])).values());
    reportUnsupported(dialled, backends, report);
    groups.push({
      name,
      listeners: [],
      dialNames: byName(dialled.flatMap(({ names }) => names)),
      routeConfigurations: byName(dialled.map(({ configuration }) => configuration)),
      backends,
      secrets: [],
    });
  }
  return groups;
}

function servicesFor({ namespace, service }: NonNullable<ReturnType<typeof grpcGroupParts>>, view: StoreView, report: Report): readonly Stored<'Service'>[] {
  if (service === undefined) return view.list('Service').filter((one) => one.namespace === namespace);
  const sidecar = view.list('Sidecar').find((one) => one.namespace === namespace && one.object.spec.service === service);
  return sidecar ? reachable(view, sidecar, report) : [];
}

/** A port of a Service that clients may dial. */
interface DialledPort {
  readonly names: readonly DialName[];
  readonly configuration: RouteConfiguration;
  readonly backends: readonly Backend[];
}

/** The names without a port mean 80 where that is gRPC, else the first port that is. */
function portsOf(service: Stored<'Service'>, callerNamespace: string, router: MeshRouter): readonly DialledPort[] {
  const grpc = requestPorts(service).filter(({ port, appProtocol }) => isHttp2(appProtocol) || router.hasRoutes(service, port));
  const ports = [...new Set(grpc.map(({ port }) => port))];
  const main = ports.includes(80) ? 80 : ports[0];
  const names = namesOf(service, callerNamespace);
  const origins = [service.origin()];
  return ports.map((port) => {
    const { routes, backends } = router.routes(service, port, callerNamespace);
    const routeConfiguration = `${service.name}.${service.namespace}:${port}`;
    const dialled = [...(port === main ? names : []), ...names.map((one) => `${one}:${port}`)];
    return {
      names: dialled.map((name) => ({ name, routeConfiguration, origins })),
      configuration: { name: routeConfiguration, virtualHosts: [{ name: routeConfiguration, domains: ['*'], routes, origins }] },
      backends,
    };
  });
}

const remedy = 'Let these clients call through an Envoy, or change it.';

function reportUnsupported(dialled: readonly DialledPort[], backends: readonly Backend[], report: Report): void {
  const routes = new Set(dialled.flatMap(({ configuration }) => configuration.virtualHosts.flatMap((host) => host.routes)));
  for (const route of routes) {
    const missing = unsupportedOf(route);
    const at = route.origins[0];
    if (missing.length === 0 || !at) continue;
    report(diagnostic('GrpcClientUnsupported', at, `gRPC clients without an Envoy cannot do this of the rule: ${missing.join(', ')}.`, remedy));
  }
  for (const { endpoints, origins } of backends) {
    const at = origins[0];
    if (endpoints.type !== 'dns' || endpoints.hosts.length === 1 || !at) continue;
    const message = 'gRPC clients without an Envoy resolve one host name of a backend, and this has several: their calls to it fail.';
    report(diagnostic('GrpcClientUnsupported', at, message, remedy));
  }
}

/** What a route asks for that gRPC clients leave undone. */
function unsupportedOf({ match, action, requestHeaders, responseHeaders, transcoder }: Route): readonly string[] {
  if (transcoder) return [];
  const found: string[] = [];
  if (match.query.length > 0) found.push('conditions on the query (the rule never fits)');
  if (match.method !== undefined && match.method !== 'POST') found.push(`the method ${match.method} (the rule never fits)`);
  if (action.type === 'redirect' || action.type === 'location') found.push('redirects (calls fail)');
  const shares = action.type === 'forward' ? action.backends : [];
  if (requestHeaders || responseHeaders || shares.some((share) => share.requestHeaders || share.responseHeaders)) found.push('changes of headers');
  if (action.type === 'forward' && (action.rewrite || shares.some(({ hostRewrite }) => hostRewrite !== undefined))) found.push('rewrites');
  if (action.type === 'forward' && action.mirrors.length > 0) found.push('copies of requests');
  return found;
}
