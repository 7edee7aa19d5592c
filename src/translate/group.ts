import { type Diagnostic, diagnostic, type Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Group, Listener } from '../ir/gateway.ts';
import { listenerName, routeConfigurationName } from '../ir/names.ts';
import type { Route, RouteConfiguration, VirtualHost } from '../ir/route.ts';
import type { Secret } from '../ir/secret.ts';
import { eachOfListAtOnce, sameEnds } from '../memo/each-of-list.ts';
import { memoized } from '../memo/memoized.ts';
import { WeakTable } from '../memo/weak-table.ts';
import type { Settings } from '../settings.ts';
import type { Changes } from '../store/changes.ts';
import type { Work } from '../work.ts';
import type { BackendResolver } from './backend.ts';
import { byName } from './by-name.ts';
import { withEscapedSlashes } from './escaped-slashes.ts';
import type { GatewayListener } from './gateway-listener.ts';
import { accessLogOf, clientAddressOf, clientSampleOf, type GroupPort, type HostBlock } from './group-port.ts';
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
    const backends = sameNamed(before?.backends, [...open.flatMap((port) => port.backends), ...(own?.backends ?? [])]);
    const secrets = new Map<string, Secret>(open.flatMap((port) => [...port.secrets]));
    for (const backend of backends.gathered) if (backend.tls) for (const secret of resolver.secrets(backend)) secrets.set(secret.name, secret);
    const listeners = open.map((port) => listenerOf(port, settings));
    const hosts = new Map<number, LeftHosts>();
    const routeConfigurations: RouteConfiguration[] = [];
    for (const port of open) {
      const made = yield* hostsOf(port, before?.hosts.get(port.port), report);
      hosts.set(port.port, made);
      const configuration = routeConfigurationName(port.group, port.port);
      const virtualHosts = settings.ingress.escapedSlashes === 'keep' ? withSlashesKept(configuration, made.sorted) : made.sorted;
      routeConfigurations.push({ name: configuration, virtualHosts });
    }
    left.set(name, { backends, hosts });
    const passed = own && own.listeners.length > 0 ? { streams: own.listeners } : {};
    groups.push({ name, listeners, ...passed, routeConfigurations, backends: backends.sorted, secrets: byName(secrets.values()) });
  }
  return groups;
}

const withSlashesKept = eachOfListAtOnce(memoized((host: VirtualHost): VirtualHost => ({ ...host, routes: withEscapedSlashes(host.name, host.routes) })));

/** What a group leaves behind for the next translation, by its name. */
interface LeftGroup {
  readonly backends: Named<Backend>;
  /** By the port. */
  readonly hosts: ReadonlyMap<number, LeftHosts>;
}

const leftGroups = leftBehind<Map<string, LeftGroup>>();

function listenerOf(port: GroupPort, settings: Settings): Listener {
  const { listenAddress, ingress } = settings;
  const accessLog = accessLogOf(port);
  const clientSamplePercent = clientSampleOf(port, settings);
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
    ...(clientSamplePercent === undefined ? {} : { clientSamplePercent }),
    ...(ingress.escapedSlashes === 'keep' && { keepsEscapedSlashes: true }),
    direction: 'gateway',
    origins: port.origins,
  };
}

/** The virtual hosts of a port, and what they were made of. */
interface LeftHosts {
  readonly listeners: readonly GatewayListener[];
  readonly blocks: readonly HostBlock[];
  /** By name. */
  readonly known: readonly KnownHost[];
  /** The same. The same list as before where all are the same. */
  readonly sorted: readonly VirtualHost[];
}

/** What was made of the routes of a host name, and what was said of them. */
interface KnownHost {
  readonly name: string;
  readonly blocks: readonly HostBlock[];
  readonly spec: GatewayListener['spec'] | undefined;
  readonly host: VirtualHost;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A virtual host for every host name of a route, and for every listener: what a listener has no route for is not another's. Only host names are looked at
 * of which a block is another one than before.
 */
function* hostsOf({ group, port, listeners, blocks }: GroupPort, left: LeftHosts | undefined, report: Report): Work<LeftHosts> {
  const before = left && isSameListened(left.listeners, listeners) ? left : { blocks: [], known: [] };
  const { head, tail } = sameEnds(before.blocks, blocks);
  const changed = [...before.blocks.slice(head, before.blocks.length - tail), ...blocks.slice(head, blocks.length - tail)].map(({ host }) => host);
  const touched = new Set([...(before === left ? [] : listeners.map(({ hostname }) => hostname)), ...changed]);
  const now = Map.groupBy(touched.size === 0 ? [] : blocks.filter(({ host }) => touched.has(host)), ({ host }) => host);
  const made: KnownHost[] = [];
  for (const name of touched) {
    const own = now.get(name) ?? [];
    const listener = listeners.findLast(({ hostname }) => hostname === name);
    if (own.length === 0 && !listener) continue;
    made.push(madeHost(name, own, listener));
    yield;
  }
  const known = replaced(before.known, touched, made);
  const name = routeConfigurationName(group, port);
  for (const diagnostics of saidOf(name, known)) if (diagnostics !== nothing) diagnostics.forEach(report);
  return { listeners: [...listeners], blocks, known, sorted: virtualHostsOf(name, known) };
}

const nothing: readonly Diagnostic[] = [];
const saidOf = eachOfListAtOnce(({ diagnostics }: KnownHost) => (diagnostics.length > 0 ? diagnostics : nothing));
const virtualHostsOf = eachOfListAtOnce(({ host }: KnownHost) => host);

function isSameListened(a: readonly GatewayListener[], b: readonly GatewayListener[]): boolean {
  return a.length === b.length && a.every(({ hostname, spec }, index) => hostname === b[index]?.hostname && spec === b[index]?.spec);
}

/** The host names with others in the places of those that were touched. The same list where none is another one. */
function replaced(before: readonly KnownHost[], touched: ReadonlySet<string>, made: readonly KnownHost[]): readonly KnownHost[] {
  const places = made.map(({ name }) => placeOf(before, name));
  const isInPlace = made.length === touched.size && made.every(({ name }, index) => before[places[index] ?? -1]?.name === name);
  if (!isInPlace) return byName([...before.filter(({ name }) => !touched.has(name)), ...made]);
  if (made.every((host, index) => before[places[index] ?? -1] === host)) return before;
  const next = before.slice();
  for (const [index, host] of made.entries()) next[places[index] ?? -1] = host;
  return next;
}

/** Where a name stands in a list that is sorted by name, or would. */
function placeOf(list: readonly KnownHost[], name: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.name ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By its first route, then by its name: what two ports have in common is made once. */
const madeHosts = new WeakTable<Route, string, KnownHost>();

function madeHost(name: string, blocks: KnownHost['blocks'], listener: GatewayListener | undefined): KnownHost {
  const first = blocks[0]?.routes[0]?.route;
  const before = first && madeHosts.get(first, name);
  if (before && isMadeOf(before, blocks, listener)) return before;
  const diagnostics: Diagnostic[] = [];
  const host = virtualHost(name, routesOf(blocks), listener, (one) => void diagnostics.push(one));
  const made: KnownHost = { name, blocks, spec: listener?.spec, host, diagnostics };
  if (first) madeHosts.set(first, name, made);
  return made;
}

function isMadeOf({ blocks, spec }: KnownHost, now: KnownHost['blocks'], listener: GatewayListener | undefined): boolean {
  return spec === listener?.spec && (isSameList(blocks, now) || isSameOwned(routesOf(blocks), routesOf(now)));
}

const routesOf = (blocks: KnownHost['blocks']): readonly OwnedRoute[] => blocks.flatMap(({ routes }) => routes);

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
