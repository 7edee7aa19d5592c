import type { Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Route } from '../ir/route.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import type { RouteObject } from './backend-reference.ts';
import { byPrecedence, type OwnedRoute } from './precedence.ts';
import type { Reading } from './route-context.ts';
import { retryOf } from './traffic/retries.ts';
import { ruleTraffic } from './traffic/scope.ts';
import { sessionOf } from './traffic/session.ts';
import { timeoutsOf } from './traffic/timeouts.ts';
import { trafficWrittenAt } from './traffic/written.ts';
import { otherTranscoders } from './transcoding.ts';
import { translatedRoute } from './translated-route.ts';

/** The routes of one port of a Service, in the order in which Envoy tries them, and the backends that they may choose. */
interface MeshRoutes {
  readonly routes: readonly Route[];
  readonly backends: readonly Backend[];
}

export interface MeshRouter {
  /** The routes of a Service's port for callers of a namespace. */
  routes(service: Stored<'Service'>, port: number, callerNamespace: string): MeshRoutes;
  /** Whether a route hangs on the port of a Service, for whichever callers. */
  hasRoutes(service: Stored<'Service'>, port: number): boolean;
}

/**
 * What callers in a mesh get. HTTPRoutes and GRPCRoutes whose parent is the Service apply: those of the caller's own namespace
 * (consumer routes) before those of the Service's (producer routes), which hold for all callers. Their host names mean nothing
 * here. Without any, requests go to the endpoints of the port. A request that fits no rule is answered with 404.
 * @see https://gateway-api.sigs.k8s.io/geps/gep-1294/
 */
export function createMeshRouter(reading: Reading, report: Report): MeshRouter {
  const { view, resolver, policies } = reading;
  // Of thousands of routes, and asked for only where there is a mesh.
  let byService: ReturnType<typeof routesByService> | undefined;
  const known = new Map<string, MeshRoutes>();

  function attachedTo(service: Stored<'Service'>, port: number): readonly Attached[] {
    byService ??= routesByService(view);
    return (byService.get(`${service.namespace}/${service.name}`) ?? []).filter((one) => one.port === undefined || one.port === port);
  }

  function routes(service: Stored<'Service'>, port: number, callerNamespace: string): MeshRoutes {
    const attached = attachedTo(service, port);
    const ofConsumer = attached.filter(({ route }) => route.namespace === callerNamespace);
    const chosen = ofConsumer.length > 0 ? ofConsumer : attached.filter(({ route }) => route.namespace === service.namespace);
    const key = `${service.namespace}/${service.name}/${port}/${ofConsumer.length > 0 ? callerNamespace : ''}`;
    const found = known.get(key) ?? (chosen.length > 0 ? ofRoutes(chosen) : plain(service, port));
    known.set(key, found);
    return found;
  }

  function ofRoutes(attached: readonly Attached[]): MeshRoutes {
    const backends = new Map<string, Backend>();
    const owned = [...new Set(attached.map(({ route }) => route))].flatMap((owner) => {
      const translated = translatedRoute(owner, reading, [], report);
      for (const backend of translated.backends) backends.set(backend.name, backend);
      return translated.routes.map((route): OwnedRoute => ({ route, owner }));
    });
    const routes = byPrecedence(owned).map(({ route }) => route);
    const others = otherTranscoders(routes);
    return { routes: routes.filter((route) => !others.has(route)), backends: [...backends.values()] };
  }

  function plain(service: Stored<'Service'>, port: number): MeshRoutes {
    const { namespace, name } = service;
    const origins = [service.origin()];
    const backend = resolver.resolve({ kind: 'Service', namespace, name, port }, { grpc: false, at: service.origin() });
    const head = { name: `Service/${namespace}/${name}/${port}`, match: { path: { type: 'prefix', value: '/' }, headers: [], query: [] }, origins } as const;
    if (!backend) return { routes: [{ ...head, action: { type: 'respond', status: 500 } }], backends: [] };
    const { rule } = ruleTraffic({ policies, around: [] }, [], [{ namespace, name }], () => service.origin(), report);
    const grpc = backend.protocol === 'http2';
    const session = sessionOf(rule.spec, undefined, { namespace, view, at: () => rule.origin('sessionAffinity') ?? service.origin(), report });
    const action = {
      type: 'forward',
      ...(grpc ? { grpc, grpcWeb: grpc } : {}),
      backends: [{ cluster: backend.name, weight: 1, origins }],
      mirrors: [],
      timeouts: timeoutsOf(rule.spec, undefined, grpc),
      retry: retryOf(rule.spec, undefined, false),
      ...trafficWrittenAt(rule),
      hashOn: backend.loadBalancer.hashOn,
      ...(session ? { session } : {}),
    } as const;
    return { routes: [{ ...head, action }], backends: [backend] };
  }
  return { routes, hasRoutes: (service, port) => attachedTo(service, port).length > 0 };
}

/** A route that hangs on a Service; `port` undefined: on all of its ports. */
interface Attached {
  readonly route: RouteObject;
  readonly port: number | undefined;
}

function routesByService(view: StoreView): ReadonlyMap<string, readonly Attached[]> {
  const routes: readonly RouteObject[] = [...view.list('HTTPRoute'), ...view.list('GRPCRoute')];
  const attached = routes.flatMap((route) =>
    (route.object.spec.parentRefs ?? [])
      .filter(({ group, kind }) => group === '' && kind === 'Service')
      .map(({ namespace, name, port }) => ({ service: `${namespace ?? route.namespace}/${name}`, route, port })),
  );
  return Map.groupBy(attached, ({ service }) => service);
}
