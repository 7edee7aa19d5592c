import { diagnostic, type Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Group, Listener } from '../ir/gateway.ts';
import { listenerName, routeConfigurationName, sidecarGroup } from '../ir/names.ts';
import type { RouteConfiguration, VirtualHost } from '../ir/route.ts';
import type { Secret } from '../ir/secret.ts';
import type { Settings } from '../settings.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import type { Work } from '../work.ts';
import type { BackendResolver } from './backend.ts';
import { byName } from './by-name.ts';
import { defaultRouteTimeouts } from './defaults.ts';
import { plainEdge } from './ingress/edge.ts';
import type { MeshRouter } from './mesh-route.ts';
import { requestPorts } from './service-port.ts';
import { type Inbound, inboundOf } from './sidecar-inbound.ts';

const defaultOutbound = { address: '127.0.0.1', port: 15001 } as const;

/**
 * A group for every Sidecar: an outbound listener with a virtual host for each Service that it may reach, and inbound listeners to
 * its application. A call to any other host is answered with 404: nothing is passed through.
 * Gives `SidecarConflict`, `SidecarReachNotFound`, `SidecarServiceNotFound`, and what routes and backends give.
 */
export function* sidecarGroups(view: StoreView, settings: Settings, router: MeshRouter, resolver: BackendResolver, report: Report): Work<readonly Group[]> {
  const groups = new Map<string, Group>();
  for (const sidecar of view.list('Sidecar')) {
    const name = sidecarGroup(sidecar.namespace, sidecar.object.spec.service);
    if (groups.has(name)) {
      const message = `An older Sidecar is for the Service ${sidecar.object.spec.service} too, so this one has no effect.`;
      report(diagnostic('SidecarConflict', sidecar.origin(['spec', 'service']), message, 'Put both into one.'));
    } else groups.set(name, yield* groupOf(name, sidecar, view, settings, router, resolver, report));
  }
  return [...groups.values()];
}

function* groupOf(
  name: string,
  sidecar: Stored<'Sidecar'>,
  view: StoreView,
  settings: Settings,
  router: MeshRouter,
  resolver: BackendResolver,
  report: Report,
): Work<Group> {
  const written = sidecar.object.spec.outbound;
  const outbound = { address: written?.address ?? defaultOutbound.address, port: written?.port ?? defaultOutbound.port };
  const inbound = distinctPorts(inboundOf(view, sidecar, report), outbound.port, report);
  const hosts: ReturnType<typeof virtualHosts>[number][] = [];
  for (const service of reachable(view, sidecar, report)) {
    hosts.push(...virtualHosts(service, sidecar.namespace, router));
    yield;
  }
  const used = [...hosts.flatMap(({ backends }) => backends), ...inbound.map(({ backend }) => backend)];
  const backends = byName(new Map(used.map((backend) => [backend.name, backend])).values());
  const secrets = new Map<string, Secret>(backends.flatMap((backend) => resolver.secrets(backend)).map((secret) => [secret.name, secret]));
  return {
    name,
    listeners: [
      listener(name, outbound.address, outbound.port, 'outbound', [sidecar.origin(['spec', 'outbound'])]),
      ...inbound.map(({ port, origin }) => listener(name, settings.listenAddress, port, 'inbound', [origin])),
    ],
    routeConfigurations: [
      { name: routeConfigurationName(name, outbound.port), virtualHosts: byName(hosts.map(({ host }) => host)) },
      ...inbound.map((one) => inboundRoutes(name, one)),
    ],
    backends,
    secrets: byName(secrets.values()),
  };
}

/** A port can be bound once; the first one that asks for it has it. */
function distinctPorts(inbound: readonly Inbound[], outboundPort: number, report: Report): readonly Inbound[] {
  const taken = new Set([outboundPort]);
  return inbound.filter(({ port, origin }) => {
    if (!taken.has(port)) return taken.add(port);
    report(diagnostic('SidecarConflict', origin, `Port ${port} is taken by another listener of the Sidecar, so this one is not there.`, 'Use another port.'));
    return false;
  });
}

/** The Services that an application may call. */
export function reachable(view: StoreView, sidecar: Stored<'Sidecar'>, report: Report): readonly Stored<'Service'>[] {
  const { reach } = sidecar.object.spec;
  if (reach === undefined) return view.list('Service').filter(({ namespace }) => namespace === sidecar.namespace);
  const found = reach.flatMap((written, index) => {
    const [namespace, name] = written.includes('/') ? written.split('/') : [sidecar.namespace, written];
    const service = view.get('Service', namespace ?? '', name ?? '');
    if (service) return [service];
    const message = `There is no Service ${namespace}/${name}, so calls to it are answered with 404.`;
    report(diagnostic('SidecarReachNotFound', sidecar.origin(['spec', 'reach', index]), message, 'Create the Service, or take it out of `reach`.'));
    return [];
  });
  return [...new Set(found)];
}

/**
 * A virtual host for each port of a Service, under each of its names with that port. The names alone mean port 80, else the
 * first port. The short name is for callers of the same namespace only.
 */
function virtualHosts(
  service: Stored<'Service'>,
  callerNamespace: string,
  router: MeshRouter,
): readonly { readonly host: VirtualHost; readonly backends: readonly Backend[] }[] {
  const { namespace, name } = service;
  const written = requestPorts(service).map(({ port }) => port);
  // An ExternalName needs no ports.
  const ports = written.length === 0 && service.object.spec.type === 'ExternalName' ? [80] : [...new Set(written)];
  const main = ports.includes(80) ? 80 : ports[0];
  const names = namesOf(service, callerNamespace);
  return ports.map((port) => {
    const { routes, backends } = router.routes(service, port, callerNamespace);
    const domains = [...(port === main ? names : []), ...names.map((one) => `${one}:${port}`)];
    return { host: { name: `${name}.${namespace}:${port}`, domains, routes, origins: [service.origin()] }, backends };
  });
}

/** What callers of a namespace call a Service, without a port. */
export function namesOf({ namespace, name }: Stored<'Service'>, callerNamespace: string): readonly string[] {
  const qualified = `${name}.${namespace}`;
  return [...(namespace === callerNamespace ? [name] : []), qualified, `${qualified}.svc`, `${qualified}.svc.cluster.local`];
}

function listener(group: string, address: string, port: number, direction: Listener['direction'], origins: Listener['origins']): Listener {
  const routeConfiguration = routeConfigurationName(group, port);
  return {
    name: listenerName(group, port),
    address,
    port,
    writtenPort: port,
    filterChains: [{ name: 'default', serverNames: [], routeConfiguration, origins }],
    clientAddress: { mode: 'Peer' },
    ...plainEdge,
    direction,
    origins,
  };
}

function inboundRoutes(group: string, { port, backend, origin }: Inbound): RouteConfiguration {
  const origins = [origin];
  const action = {
    type: 'forward',
    ...(backend.protocol === 'http2' ? { grpcWeb: true } : {}),
    backends: [{ cluster: backend.name, weight: 1, origins }],
    mirrors: [],
    timeouts: defaultRouteTimeouts,
    hashOn: [],
  } as const;
  const routes = [{ name: `inbound/${port}`, match: { path: { type: 'prefix', value: '/' }, headers: [], query: [] }, action, origins }] as const;
  return { name: routeConfigurationName(group, port), virtualHosts: [{ name: '*', domains: ['*'], routes, origins }] };
}
