import { type Diagnostic, diagnostic, type Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Group, Listener } from '../ir/gateway.ts';
import { listenerName, routeConfigurationName } from '../ir/names.ts';
import type { Route, RouteConfiguration, VirtualHost } from '../ir/route.ts';
import type { Secret } from '../ir/secret.ts';
import type { Settings } from '../settings.ts';
import type { Changes } from '../store/changes.ts';
import type { Work } from '../work.ts';
import type { BackendResolver } from './backend.ts';
import { byName } from './by-name.ts';
import { withEscapedSlashes } from './escaped-slashes.ts';
import type { GatewayListener } from './gateway-listener.ts';
import { accessLogOf, clientAddressOf, type GroupPort } from './group-port.ts';
import { plainEdge } from './ingress/edge.ts';
import type { Streams } from './ingress/streams.ts';
import { leftBehind } from './left-behind.ts';
import { byPrecedence, type OwnedRoute } from './precedence.ts';
import { isSameList } from './same-list.ts';
import { type Named, sameNamed } from './same-named.ts';
import { otherTranscoders } from './transcoding.ts';

/**
 * The groups of the ports. A port that no route hangs on listens and answers 404; one without any chain (HTTPS without a
 * certificate) does not listen. Gives `MatchShadowed`.
 */
export function* gatewayGroups(
  ports: Iterable<GroupPort>,
  settings: Settings,
  resolver: BackendResolver,
  changes: Changes,
  report: Report,
  streams?: Streams,
): Work<readonly Group[]> {
  const groups: Group[] = [];
  const left = leftGroups.leave(changes, new Map());
  const byGroup = Map.groupBy(ports, ({ group }) => group);
  if (streams && streams.listeners.length > 0 && !byGroup.has(streams.group)) byGroup.set(streams.group, []);
  for (const [name, all] of byGroup) {
    const own = streams?.group === name ? streams : undefined;
    const before = leftGroups.before(changes)?.get(name);
    const open = all.filter(({ chains }) => chains.size > 0).toSorted((a, b) => a.port - b.port);
    const backends = sameNamed(before?.backends, gathered([...open.map((port) => port.backends.values()), own?.backends ?? []]));
    const secrets = new Map<string, Secret>(open.flatMap((port) => [...port.secrets]));
    for (const backend of backends.gathered) for (const secret of resolver.secrets(backend)) secrets.set(secret.name, secret);
    const listeners = open.map((port) => listenerOf(port, settings));
    const hosts = new Map<number, LeftHosts>();
    const routeConfigurations: RouteConfiguration[] = [];
    for (const port of open) {
      const made = yield* hostsOf(port, before?.hosts.get(port.port), report);
      hosts.set(port.port, made);
      const virtualHosts = settings.ingress.escapedSlashes === 'keep' ? made.sorted.map(keptSlashes) : made.sorted;
      routeConfigurations.push({ name: routeConfigurationName(port.group, port.port), virtualHosts });
    }
    left.set(name, { backends, hosts });
    const passed = own && own.listeners.length > 0 ? { streams: own.listeners } : {};
    groups.push({ name, listeners, ...passed, routeConfigurations, backends: backends.sorted, secrets: byName(secrets.values()) });
  }
  return groups;
}

const kept = new WeakMap<VirtualHost, VirtualHost>();

/** The same for the same host. */
function keptSlashes(host: VirtualHost): VirtualHost {
  const made = kept.get(host) ?? { ...host, routes: withEscapedSlashes(host.name, host.routes) };
  kept.set(host, made);
  return made;
}

/** What a group leaves behind for the next translation, by its name. */
interface LeftGroup {
  readonly backends: Named<Backend>;
  /** By the port. */
  readonly hosts: ReadonlyMap<number, LeftHosts>;
}

const leftGroups = leftBehind<Map<string, LeftGroup>>();

/** The last of each name. */
function gathered(lists: readonly Iterable<Backend>[]): readonly Backend[] {
  const found = new Map<string, Backend>();
  for (const list of lists) for (const backend of list) found.set(backend.name, backend);
  return [...found.values()];
}

function listenerOf(port: GroupPort, { listenAddress, ingress }: Settings): Listener {
  const accessLog = accessLogOf(port);
  const { addresses = [listenAddress], ...edge } = port.edge ?? plainEdge;
  const [address, ...moreAddresses] = addresses;
  return {
    ...edge,
    name: listenerName(port.group, port.port),
    address,
    ...(moreAddresses.length > 0 && { moreAddresses }),
    port: port.boundPort,
    writtenPort: port.port,
    filterChains: byName(port.chains.values()),
    clientAddress: clientAddressOf(port),
    ...(accessLog ? { accessLog } : {}),
    ...(ingress.escapedSlashes === 'keep' && { keepsEscapedSlashes: true }),
    direction: 'gateway',
    origins: port.origins,
  };
}

/** The virtual hosts of a port, and what they were made of. */
interface LeftHosts {
  readonly known: ReadonlyMap<string, KnownHost>;
  /** By name. The same list as before where all are the same. */
  readonly sorted: readonly VirtualHost[];
}

/** What was made of the routes of a host name, and what was said of them. */
interface KnownHost {
  readonly blocks: readonly (readonly OwnedRoute[])[];
  readonly spec: GatewayListener['spec'] | undefined;
  readonly host: VirtualHost;
  readonly diagnostics: readonly Diagnostic[];
}

const noBlocks: KnownHost['blocks'] = [];

/** A virtual host for every host name of a route, and for every listener: what a listener has no route for is not another's. */
function* hostsOf(port: GroupPort, before: LeftHosts | undefined, report: Report): Work<LeftHosts> {
  const listeners = new Map(port.listeners.map((listener) => [listener.hostname, listener]));
  const known = new Map<string, KnownHost>();
  const isMade = { any: false };
  for (const name of new Set([...listeners.keys(), ...port.hosts.keys()])) {
    const old = before?.known.get(name);
    const blocks = port.hosts.get(name) ?? noBlocks;
    const listener = listeners.get(name);
    const now = old && isMadeOf(old, blocks, listener) ? old : madeHost(name, blocks, listener);
    known.set(name, now);
    if (now.diagnostics.length > 0) now.diagnostics.forEach(report);
    if (now === old) continue;
    isMade.any = true;
    yield;
  }
  if (before && !isMade.any && known.size === before.known.size) return { known, sorted: before.sorted };
  return { known, sorted: byName([...known.values()].map(({ host }) => host)) };
}

/** By its first route, then by its name: what two ports have in common is made once. */
const madeHosts = new WeakMap<Route, Map<string, KnownHost>>();

function madeHost(name: string, blocks: KnownHost['blocks'], listener: GatewayListener | undefined): KnownHost {
  const first = blocks[0]?.[0]?.route;
  const ofFirst = (first && madeHosts.get(first)) ?? new Map<string, KnownHost>();
  const before = ofFirst.get(name);
  if (before && isMadeOf(before, blocks, listener)) return before;
  const diagnostics: Diagnostic[] = [];
  const host = virtualHost(name, blocks.flat(), listener, (one) => void diagnostics.push(one));
  const made: KnownHost = { blocks, spec: listener?.spec, host, diagnostics };
  if (first) madeHosts.set(first, ofFirst.set(name, made));
  return made;
}

function isMadeOf({ blocks, spec }: KnownHost, now: KnownHost['blocks'], listener: GatewayListener | undefined): boolean {
  return spec === listener?.spec && (isSameList(blocks, now) || isSameOwned(blocks.flat(), now.flat()));
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
