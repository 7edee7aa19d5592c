import { type Diagnostic, diagnostic, type Report } from '../diagnostic.ts';
import type { Group, Listener } from '../ir/gateway.ts';
import { listenerName, routeConfigurationName } from '../ir/names.ts';
import type { Route, RouteConfiguration, VirtualHost } from '../ir/route.ts';
import type { Secret } from '../ir/secret.ts';
import type { Settings } from '../settings.ts';
import type { Work } from '../work.ts';
import type { BackendResolver } from './backend.ts';
import { byName } from './by-name.ts';
import type { GatewayListener } from './gateway-listener.ts';
import { accessLogOf, clientAddressOf, type GroupPort } from './group-port.ts';
import { plainEdge } from './ingress/edge.ts';
import type { Streams } from './ingress/streams.ts';
import { byPrecedence, type OwnedRoute } from './precedence.ts';
import { isSameList } from './same-list.ts';
import { otherTranscoders } from './transcoding.ts';

/**
 * The groups of the ports. A port that no route hangs on listens and answers 404; one without any chain (HTTPS without a
 * certificate) does not listen. Gives `MatchShadowed`.
 */
export function* gatewayGroups(
  ports: Iterable<GroupPort>,
  settings: Settings,
  resolver: BackendResolver,
  report: Report,
  streams?: Streams,
): Work<readonly Group[]> {
  const groups: Group[] = [];
  const byGroup = Map.groupBy(ports, ({ group }) => group);
  if (streams && streams.listeners.length > 0 && !byGroup.has(streams.group)) byGroup.set(streams.group, []);
  for (const [name, all] of byGroup) {
    const own = streams?.group === name ? streams : undefined;
    const open = all.filter(({ chains }) => chains.size > 0).toSorted((a, b) => a.port - b.port);
    const backends = new Map(open.flatMap((port) => [...port.backends]));
    for (const backend of own?.backends ?? []) backends.set(backend.name, backend);
    const secrets = new Map<string, Secret>(open.flatMap((port) => [...port.secrets]));
    for (const backend of backends.values()) for (const secret of resolver.secrets(backend)) secrets.set(secret.name, secret);
    const listeners = open.map((port) => listenerOf(port, settings));
    const routeConfigurations: RouteConfiguration[] = [];
    for (const port of open) routeConfigurations.push(yield* routeConfigurationOf(port, report));
    const passed = own && own.listeners.length > 0 ? { streams: own.listeners } : {};
    groups.push({ name, listeners, ...passed, routeConfigurations, backends: byName(backends.values()), secrets: byName(secrets.values()) });
  }
  return groups;
}

function listenerOf(port: GroupPort, { listenAddress }: Settings): Listener {
  const accessLog = accessLogOf(port);
  return {
    ...(port.edge ?? plainEdge),
    name: listenerName(port.group, port.port),
    address: listenAddress,
    port: port.boundPort,
    writtenPort: port.port,
    filterChains: byName(port.chains.values()),
    clientAddress: clientAddressOf(port),
    ...(accessLog ? { accessLog } : {}),
    direction: 'gateway',
    origins: port.origins,
  };
}

/** A virtual host for every host name of a route, and for every listener: what a listener has no route for is not another's. */
function* routeConfigurationOf(port: GroupPort, report: Report): Work<RouteConfiguration> {
  const hosts = new Set([...port.listeners.map(({ hostname }) => hostname), ...port.hosts.keys()]);
  const virtualHosts: VirtualHost[] = [];
  for (const host of [...hosts].sort()) {
    const listener = port.listeners.find(({ hostname }) => hostname === host);
    virtualHosts.push(knownHost(host, port.hosts.get(host) ?? [], `${port.group} ${port.port}`, listener, report));
    yield;
  }
  return { name: routeConfigurationName(port.group, port.port), virtualHosts };
}

/** What was made of the routes of a host name, and what was said of them. */
interface KnownHost {
  readonly owned: readonly OwnedRoute[];
  readonly spec: GatewayListener['spec'] | undefined;
  readonly host: VirtualHost;
  readonly diagnostics: readonly Diagnostic[];
}

/** By its first route, then by the port and its own name. */
const knownHosts = new WeakMap<Route, Map<string, KnownHost>>();

/** The virtual host of a host name: the one of the build before, where it is made of the same routes and listener. */
function knownHost(name: string, owned: readonly OwnedRoute[], port: string, listener: GatewayListener | undefined, report: Report): VirtualHost {
  const [first] = owned;
  if (!first) return virtualHost(name, owned, listener, report);
  const ofFirst = knownHosts.get(first.route) ?? new Map<string, KnownHost>();
  knownHosts.set(first.route, ofFirst);
  const key = `${port} ${name}`;
  const before = ofFirst.get(key);
  if (before && before.spec === listener?.spec && isSameOwned(before.owned, owned)) {
    before.diagnostics.forEach(report);
    return before.host;
  }
  const diagnostics: Diagnostic[] = [];
  const host = virtualHost(name, owned, listener, (one) => {
    diagnostics.push(one);
    report(one);
  });
  ofFirst.set(key, { owned, spec: listener?.spec, host, diagnostics });
  return host;
}

function isSameOwned(a: readonly OwnedRoute[], b: readonly OwnedRoute[]): boolean {
  return (
    a.length === b.length && a.every((one, index) => one.route === b[index]?.route && one.owner === b[index]?.owner && isSameRank(one.rank, b[index]?.rank))
  );
}

function isSameRank(a: OwnedRoute['rank'], b: OwnedRoute['rank']): boolean {
  return a === b || (a !== undefined && b !== undefined && isSameList(a, b));
}

/** Gives `MatchShadowed`, `TranscoderConflict`. */
function virtualHost(name: string, owned: readonly OwnedRoute[], listener: GatewayListener | undefined, report: Report): VirtualHost {
  const routes = withOneTranscoder(byPrecedence(owned), report);
  reportShadowed(routes, report);
  const owners = [...new Set(routes.map(({ owner }) => owner))];
  const origins = (listener ? [listener.origin()] : []).concat(owners.map((owner) => owner.origin()));
  const domains = owners.some(({ kind }) => kind === 'Ingress') && !name.startsWith('*') ? [name, `${name}.`] : [name];
  return { name, domains, routes: routes.map(({ route }) => route), origins };
}

/** Envoy has one transcoder for a virtual host. Gives `TranscoderConflict`. */
function withOneTranscoder(routes: readonly OwnedRoute[], report: Report): readonly OwnedRoute[] {
  const others = otherTranscoders(routes.map(({ route }) => route));
  if (others.size === 0) return routes;
  for (const { route } of routes.filter((one) => others.has(one.route))) {
    const message = `Another GrpcJsonTranscoder takes the HTTP requests of this host name, so the rule takes gRPC calls alone, and not by ${route.transcoder?.name}.`;
    report(
      diagnostic('TranscoderConflict', route.origins[0] ?? {}, message, 'Give both rules the same one, with a set of all files, or different host names.'),
    );
  }
  return routes.filter(({ route }) => !others.has(route));
}

function reportShadowed(routes: readonly OwnedRoute[], report: Report): void {
  if (routes.length < 2) return;
  const first = new Map<string, OwnedRoute>();
  for (const { route, owner } of routes) {
    const { path, method, headers, query, grpc } = route.match;
    const key = JSON.stringify([path.type, path.value, method, headers, query, grpc]);
    const winner = first.get(key);
    if (winner) {
      const { kind, namespace, name } = winner.owner;
      const by = winner.owner === owner ? 'An earlier rule' : `${kind} ${namespace}/${name}, which is older,`;
      const message = `${by} already takes exactly these requests of a host name, so this match never sees one there.`;
      report(diagnostic('MatchShadowed', route.origins.at(-1) ?? owner.origin(), message, 'Remove one of the two, or make this one more specific.'));
    } else first.set(key, { route, owner });
  }
}
