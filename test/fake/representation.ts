import type { Listener } from '../../src/ir/gateway.ts';
import type { ForwardAction, PathMatch, Route, RouteConfiguration, RouteMatch, WeightedBackend } from '../../src/ir/route.ts';
import { plainEdge } from '../../src/translate/ingress/edge.ts';

/** Pieces of the representation with the plainest content, for tests that care for one field of them. */

export function forward(fields: Partial<ForwardAction> = {}): ForwardAction {
  return { type: 'forward', backends: [share('shop/web/80')], mirrors: [], timeouts: { requestMs: 0 }, hashOn: [], ...fields };
}

/** A share of a route; without a cluster one that cannot be resolved. */
export function share(cluster?: string, weight = 1, fields: Partial<WeightedBackend> = {}): WeightedBackend {
  return { ...(cluster !== undefined && { cluster }), weight, origins: [], ...fields };
}

export function route(name: string, path: PathMatch, fields: Partial<Omit<Route, 'match'>> & { readonly match?: Partial<RouteMatch> } = {}): Route {
  const { match, ...rest } = fields;
  return { name, match: { path, headers: [], query: [], ...match }, action: forward(), origins: [{ object: `HTTPRoute shop/${name}` }], ...rest };
}

/** Routes of any host on port 80 of the group `default`. */
export function routeConfiguration(routes: readonly Route[], domains: readonly string[] = ['*']): RouteConfiguration {
  return { name: 'default/80', virtualHosts: [{ name: domains[0] ?? '*', domains, routes, origins: [{ object: 'Gateway shop/edge' }] }] };
}

/** The gateway's listener of port 80, bound on 8080. */
export function listener(fields: Partial<Listener> = {}): Listener {
  const origins = [{ object: 'Gateway shop/edge' }];
  return {
    name: 'default/80',
    address: '127.0.0.1',
    port: 8080,
    writtenPort: 80,
    filterChains: [{ name: 'default', serverNames: [], routeConfiguration: 'default/80', origins }],
    clientAddress: { mode: 'Peer' },
    ...plainEdge,
    direction: 'gateway',
    origins,
    ...fields,
  };
}
