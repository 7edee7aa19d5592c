import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { ParentReference } from '../kind/gateway/references.ts';
import type { StoreView } from '../store/view.ts';
import type { Work } from '../work.ts';
import { isAllowed } from './allowed-routes.ts';
import type { RouteObject } from './backend-reference.ts';
import type { PlacedListener } from './gateway.ts';
import type { GatewayListener } from './gateway-listener.ts';
import { type GroupPort, hostBlock } from './group-port.ts';
import { intersection, mostSpecific } from './hostname.ts';
import { compareOwners, type OwnedRoute } from './precedence.ts';
import { redirectAt } from './redirect-port.ts';
import type { Reading } from './route-context.ts';
import { isSameList } from './same-list.ts';
import type { TrafficPolicy } from './traffic/policies.ts';
import { type TranslatedRoute, translatedRoute } from './translated-route.ts';

/** Where the Gateways of ours stand: see `placeGateways`. */
export type PlacedGateways = ReadonlyMap<string, readonly PlacedListener[]>;

/** How many routes hang on each listener of Gateways that is served: see `listenerKey`. */
export type AttachedRoutes = ReadonlyMap<string, number>;

/** Identity of a listener among those of all Gateways. */
export function listenerKey(namespace: string, gateway: string, listener: string): string {
  return `${namespace}/${gateway}/${listener}`;
}

/** A listener that takes a route, and the host names that they have in common. */
interface Place extends PlacedListener {
  readonly hosts: readonly string[];
}

/** The routes that hang on a listener, with their host names. */
type Hung = Readonly<Record<RouteObject['kind'], Map<RouteObject, readonly string[]>>>;

/**
 * Hangs every HTTPRoute and GRPCRoute on the listeners that its parents name, under the host names that both have.
 * Parents that are Services are the sidecars' and left alone; so are Gateways of other controllers.
 * Gives `RouteWithoutParent`, `ParentNotFound`, `RouteNotAllowed`, `HostNotListened`, `RouteConflict`, and what routes give.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
 */
export function* attachRoutes(gateways: PlacedGateways, reading: Reading, report: Report): Work<AttachedRoutes> {
  const { view } = reading;
  const hung = new Map<GatewayListener, Hung>();
  const routes: readonly RouteObject[] = [...view.list('HTTPRoute'), ...view.list('GRPCRoute')];
  for (const route of routes.toSorted(compareOwners)) {
    if (route.object.spec.useDefaultGateways === 'All') {
      const message = 'Default Gateways are not supported yet, so the route is served only where `parentRefs` say so.';
      report(diagnostic('UnsupportedField', route.origin(['spec', 'useDefaultGateways']), message, 'Name the Gateway in `parentRefs`.'));
    }
    const parents = route.object.spec.parentRefs ?? [];
    if (parents.length === 0) {
      report(
        diagnostic('RouteWithoutParent', route.origin(['spec']), 'The route names no parent, so it is served nowhere.', 'Name a Gateway in `parentRefs`.'),
      );
    }
    const translated = oncePerScope((around) => translatedRoute(route, reading, around, report));
    for (const [index, parent] of parents.entries()) {
      const at = (): Origin => route.origin(['spec', 'parentRefs', index]);
      for (const place of placesOf(view, gateways, route, parent, at, report)) {
        const { gateway, spec } = place.listener;
        const around = reading.policies.ofListener(gateway.namespace, gateway.name, spec.name);
        hang(route, place, hung, () => translated(around), at, report);
      }
    }
    yield;
  }
  const placed = [...gateways.values()].flat();
  return new Map(
    placed.map(({ listener }) => {
      const { gateway, spec } = listener;
      const here = hung.get(listener);
      return [listenerKey(gateway.namespace, gateway.name, spec.name), here ? here.HTTPRoute.size + here.GRPCRoute.size : 0];
    }),
  );
}

/** Makes it once for the same policies around. */
function oncePerScope<T>(make: (around: readonly TrafficPolicy[]) => T): (around: readonly TrafficPolicy[]) => T {
  const made: { readonly around: readonly TrafficPolicy[]; readonly value: T }[] = [];
  return (around) => {
    const known = made.find((one) => isSameList(one.around, around));
    if (known) return known.value;
    const value = make(around);
    made.push({ around, value });
    return value;
  };
}

/** The listeners that a parent reference means and that take the route. */
function placesOf(view: StoreView, gateways: PlacedGateways, route: RouteObject, parent: ParentReference, at: () => Origin, report: Report): readonly Place[] {
  const { group = 'gateway.networking.k8s.io', kind = 'Gateway', namespace = route.namespace, name, sectionName, port } = parent;
  if (group === '' && kind === 'Service') return [];
  const gateway = group === 'gateway.networking.k8s.io' && kind === 'Gateway' ? view.get('Gateway', namespace, name) : undefined;
  if (!gateway) {
    const message = `There is no parent ${kind} ${namespace}/${name}, so the route is not served there.`;
    report(diagnostic('ParentNotFound', at(), message, 'Name a Gateway that exists, with its namespace.'));
    return [];
  }
  const placed = gateways.get(`${namespace}/${name}`);
  if (!placed) return [];
  const isMeant = (spec: GatewayListener['spec']): boolean =>
    (sectionName === undefined || spec.name === sectionName) && (port === undefined || spec.port === port);
  if (!gateway.object.spec.listeners.some(isMeant)) {
    const wanted = [sectionName === undefined ? [] : [`named ${sectionName}`], port === undefined ? [] : [`on port ${port}`]].flat().join(' ');
    const names = gateway.object.spec.listeners.map((listener) => `${listener.name} (${listener.port})`).join(', ');
    const message = `Gateway ${namespace}/${name} has no listener ${wanted}, so the route is not served there.`;
    report(diagnostic('ParentNotFound', at(), message, `Its listeners are ${names}.`));
    return [];
  }
  const meant = placed.filter(({ listener }) => isMeant(listener.spec));
  const allowed = meant.filter(({ listener }) => isAllowed(view, listener, route));
  if (meant.length > 0 && allowed.length === 0) {
    const message = `No listener of Gateway ${namespace}/${name} that is meant here allows the kind ${route.kind} from namespace ${route.namespace}, so the route is not served there.`;
    report(diagnostic('RouteNotAllowed', at(), message, 'Allow it in `allowedRoutes` of the listener: `namespaces: {from: All}` for all namespaces.'));
  }
  const matching = allowed.map((one) => ({ ...one, hosts: hostsOf(route, one) })).filter(({ hosts }) => hosts.length > 0);
  if (allowed.length > 0 && matching.length === 0) {
    const hosts = allowed.map(({ listener }) => (listener.hostname === '*' ? 'all others' : listener.hostname)).join(', ');
    const message = `No listener that is meant here serves ${(route.object.spec.hostnames ?? []).join(', ')}, so the route is not served there.`;
    report(diagnostic('HostNotListened', at(), message, `The listeners are for ${hosts}: change \`hostnames\` of the route or \`hostname\` of a listener.`));
  }
  return matching;
}

/**
 * The host names under which a route stands on a listener. A name for which the port has a more specific listener is that
 * listener's alone.
 */
function hostsOf(route: RouteObject, { listener, port }: PlacedListener): readonly string[] {
  const shared = (route.object.spec.hostnames ?? ['*']).map((host) => intersection(listener.hostname, host)).filter((host) => host !== undefined);
  return [...new Set(shared)].filter((host) => mostSpecific(host, port.listeners, ({ hostname }) => hostname) === listener);
}

function hang(
  route: RouteObject,
  { listener, port, hosts }: Place,
  hung: Map<GatewayListener, Hung>,
  translated: () => TranslatedRoute,
  at: () => Origin,
  report: Report,
): void {
  const here: Hung = hung.get(listener) ?? { HTTPRoute: new Map(), GRPCRoute: new Map() };
  hung.set(listener, here);
  // Two parent references may mean the same listener.
  if (here[route.kind].has(route)) return;
  const rivals = here[route.kind === 'HTTPRoute' ? 'GRPCRoute' : 'HTTPRoute'];
  for (const [rival, names] of rivals) {
    if (!names.some((name) => hosts.some((host) => intersection(name, host) !== undefined))) continue;
    const message = `The older ${rival.kind} ${rival.namespace}/${rival.name} has a host name in common on the listener ${listener.spec.name}, so the route is not served there: a host name is for HTTP or for gRPC.`;
    report(diagnostic('RouteConflict', at(), message, 'Give the two routes different host names.'));
    return;
  }
  here[route.kind].set(route, hosts);
  // Without a certificate nobody answers for the listener; its host names must not be reached through the certificates of others.
  if (listener.protocol === 'HTTPS' && listener.certificates.length === 0) return;
  const made = translated();
  port.backends.push(...made.backends);
  const block = blockAt(made, route, port);
  for (const host of hosts) port.blocks.push(hostBlock(host, block));
}

/** By what was made of a route, then by the port. */
const blocks = new WeakMap<TranslatedRoute, Map<number, readonly OwnedRoute[]>>();

/** The routes as they stand on a port; the same for the same. */
function blockAt(translated: TranslatedRoute, owner: RouteObject, { port }: GroupPort): readonly OwnedRoute[] {
  const known = blocks.get(translated) ?? new Map<number, readonly OwnedRoute[]>();
  blocks.set(translated, known);
  const block = known.get(port) ?? translated.routes.map((one) => ({ route: redirectAt(one, { port }), owner }));
  known.set(port, block);
  return block;
}
