import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { ParentReference } from '../kind/gateway/references.ts';
import type { StoreView } from '../store/view.ts';
import { isAllowed } from './allowed-routes.ts';
import type { RouteObject } from './backend-reference.ts';
import type { PlacedListener } from './gateway.ts';
import type { GatewayListener } from './gateway-listener.ts';
import { intersection, mostSpecific } from './hostname.ts';

/** Where the Gateways of ours stand: see `placeGateways`. */
export type PlacedGateways = ReadonlyMap<string, readonly PlacedListener[]>;

/** A listener that takes a route, and the host names that they have in common. */
export interface Place {
  readonly placed: PlacedListener;
  readonly hosts: readonly string[];
}

/**
 * The listeners that a parent reference of a route means and that take the route: none for a Service, which is the sidecars', and for a Gateway of
 * another controller. It follows from the route and from objects of kinds that are not followed, see `changes.ts`.
 * Gives `ParentNotFound`, `RouteNotAllowed`, `HostNotListened`.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
 */
export function placesOf(
  view: StoreView,
  gateways: PlacedGateways,
  route: RouteObject,
  parent: ParentReference,
  at: () => Origin,
  report: Report,
): readonly Place[] {
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
  const matching = allowed.map((one) => ({ placed: one, hosts: hostsOf(route, one) })).filter(({ hosts }) => hosts.length > 0);
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
