import { type Diagnostic, diagnostic, type Origin, type Report } from '../diagnostic.ts';
import { sameEnds } from '../memo/each-of-list.ts';
import type { Changes } from '../store/changes.ts';
import type { Work } from '../work.ts';
import type { RouteObject } from './backend-reference.ts';
import type { PlacedListener } from './gateway.ts';
import { type HostBlock, hostBlock } from './group-port.ts';
import { createHeldHosts } from './held-hosts.ts';
import { leftBehind } from './left-behind.ts';
import { touchedNotes } from './noting-reading.ts';
import { compareOwners, type OwnedRoute } from './precedence.ts';
import { redirectAt } from './redirect-port.ts';
import type { Reading } from './route-context.ts';
import { type PlacedGateways, placesOf } from './route-places.ts';
import { isSameList } from './same-list.ts';
import type { TrafficPolicy } from './traffic/policies.ts';
import { type TranslatedRoute, translatedRoute } from './translated-route.ts';

/** How many routes hang on each listener of Gateways that is served: see `listenerKey`. */
export type AttachedRoutes = ReadonlyMap<string, number>;

/** Identity of a listener among those of all Gateways. */
export function listenerKey(namespace: string, gateway: string, listener: string): string {
  return `${namespace}/${gateway}/${listener}`;
}

/** A route on the listeners that take it, whoever else hangs there. */
interface Attached {
  readonly route: RouteObject;
  readonly stands: readonly Stand[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a route puts on a listener. */
interface Stand {
  /** Place of the listener among those of all Gateways. */
  readonly listener: number;
  /** Place of the parent reference that means it. */
  readonly parent: number;
  readonly hosts: readonly string[];
  readonly translated: TranslatedRoute;
  readonly blocks: readonly HostBlock[];
}

/** The routes of a translation, oldest first, and how each of them is attached. */
interface Left {
  readonly routes: readonly RouteObject[];
  readonly attached: readonly Attached[];
}

const left = leftBehind<Left>();

/**
 * Hangs every HTTPRoute and GRPCRoute on the listeners that its parents name, under the host names that both have.
 * Parents that are Services are the sidecars' and left alone; so are Gateways of other controllers.
 * Gives `RouteWithoutParent`, `ParentNotFound`, `RouteNotAllowed`, `HostNotListened`, `RouteConflict`, and what routes give.
 *
 * Of thousands of routes most hang as they did in the translation before. They are worked out again only where something changed that
 * was looked up for them, or an object of a kind that may mean something for all of them: Gateways are.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
 */
export function* attachRoutes(gateways: PlacedGateways, reading: Reading, report: Report): Work<AttachedRoutes> {
  const { view, changes } = reading;
  const placed = [...gateways.values()].flat();
  const [http, grpc] = [view.list('HTTPRoute'), view.list('GRPCRoute')];
  const routes: readonly RouteObject[] = grpc.length === 0 ? http : [...http, ...grpc].toSorted(compareOwners);
  const attached: Attached[] = [];
  for (const [index, known] of attachedBefore(routes, changes).entries()) {
    if (known) attached.push(known);
    else {
      attached.push(attachedRoute(routes[index] as RouteObject, gateways, placed, reading, report));
      yield;
    }
  }
  left.leave(changes, { routes, attached });
  return hang(attached, placed, http.length > 0 && grpc.length > 0, report);
}

/** How each of the routes was attached in the translation before, where nothing changed that this follows from. */
function attachedBefore(routes: readonly RouteObject[], changes: Changes): readonly (Attached | undefined)[] {
  const before = left.before(changes);
  const touched = touchedNotes(changes);
  if (!before || !touched) return routes.map(() => undefined);
  const { head, tail } = sameEnds(before.routes, routes);
  const shift = before.routes.length - routes.length;
  const between = new Map(before.attached.slice(head, before.attached.length - tail).map((one) => [one.route, one]));
  const known = routes.map((route, index) => {
    if (index >= head && index < routes.length - tail) return between.get(route);
    return before.attached[index < head ? index : index + shift];
  });
  return touched.length === 0 ? known : known.map((one) => (one?.stands.some(({ translated }) => translated.notes.hasAny(touched)) ? undefined : one));
}

function attachedRoute(route: RouteObject, gateways: PlacedGateways, placed: readonly PlacedListener[], reading: Reading, tell: Report): Attached {
  const { view, policies } = reading;
  const diagnostics: Diagnostic[] = [];
  const report: Report = (one) => {
    diagnostics.push(one);
    tell(one);
  };
  if (route.object.spec.useDefaultGateways === 'All') {
    const message = 'Default Gateways are not supported yet, so the route is served only where `parentRefs` say so.';
    report(diagnostic('UnsupportedField', route.origin(['spec', 'useDefaultGateways']), message, 'Name the Gateway in `parentRefs`.'));
  }
  const parents = route.object.spec.parentRefs ?? [];
  if (parents.length === 0) {
    report(diagnostic('RouteWithoutParent', route.origin(['spec']), 'The route names no parent, so it is served nowhere.', 'Name a Gateway in `parentRefs`.'));
  }
  const translated = oncePerScope((around) => translatedRoute(route, reading, around, report));
  // Two parent references may mean the same listener.
  const stands = new Map<PlacedListener, Stand>();
  for (const [parent, reference] of parents.entries()) {
    for (const { placed: place, hosts } of placesOf(view, gateways, route, reference, () => originOfParent(route, parent), report)) {
      if (stands.has(place)) continue;
      const { gateway, spec } = place.listener;
      const made = translated(policies.ofListener(gateway.namespace, gateway.name, spec.name));
      stands.set(place, { listener: placed.indexOf(place), parent, hosts, translated: made, blocks: blocksAt(made, route, hosts, place.port.port) });
    }
  }
  return { route, stands: [...stands.values()], diagnostics };
}

const originOfParent = (route: RouteObject, index: number): Origin => route.origin(['spec', 'parentRefs', index]);

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

/** The routes under each of the host names, as they stand on a port; the same for the same. */
function blocksAt({ routes, owned }: TranslatedRoute, owner: RouteObject, hosts: readonly string[], port: number): readonly HostBlock[] {
  const known = owned.get(port) ?? routes.map((one): OwnedRoute => ({ route: redirectAt(one, { port }), owner }));
  owned.set(port, known);
  return hosts.map((host) => hostBlock(host, known));
}

/**
 * Puts on the ports what no older route is in the way of, and counts the routes of each listener. What is wrong with routes is said again.
 * @param hasBothKinds whether there are routes that may be in the way of each other.
 */
function hang(attached: readonly Attached[], placed: readonly PlacedListener[], hasBothKinds: boolean, report: Report): AttachedRoutes {
  const counts = placed.map(() => 0);
  const held = placed.map(() => ({ HTTPRoute: createHeldHosts<RouteObject>(), GRPCRoute: createHeldHosts<RouteObject>() }));
  for (const { route, stands, diagnostics } of attached) {
    if (diagnostics.length > 0) diagnostics.forEach(report);
    for (const { listener: at, parent, hosts, translated, blocks } of stands) {
      const { listener, port } = placed[at] as PlacedListener;
      const rival = hasBothKinds ? held[at]?.[route.kind === 'HTTPRoute' ? 'GRPCRoute' : 'HTTPRoute'].holderOf(hosts) : undefined;
      if (rival) {
        const message = `The older ${rival.kind} ${rival.namespace}/${rival.name} has a host name in common on the listener ${listener.spec.name}, so the route is not served there: a host name is for HTTP or for gRPC.`;
        report(diagnostic('RouteConflict', originOfParent(route, parent), message, 'Give the two routes different host names.'));
        continue;
      }
      if (hasBothKinds) held[at]?.[route.kind].take(hosts, route);
      counts[at] = (counts[at] ?? 0) + 1;
      // Without a certificate nobody answers for the listener; its host names must not be reached through the certificates of others.
      if (listener.protocol === 'HTTPS' && listener.certificates.length === 0) continue;
      for (const backend of translated.backends) port.backends.push(backend);
      for (const block of blocks) port.blocks.push(block);
    }
  }
  return new Map(placed.map(({ listener: { gateway, spec } }, at) => [listenerKey(gateway.namespace, gateway.name, spec.name), counts[at] ?? 0]));
}
