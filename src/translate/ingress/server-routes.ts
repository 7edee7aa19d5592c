import type { LocationAction, Route, RouteMatch } from '../../ir/route.ts';
import { redirect } from '../../nginx/family/redirect.ts';
import { rewrite } from '../../nginx/family/rewrite.ts';
import type { Blocking } from './blocking.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Location, Server } from './location.ts';
import { before, behind, hostConditions, locationRank } from './location-match.ts';

/** A route of a host name that is none of its locations. */
export interface ServerRoute {
  /** Whose it is. */
  readonly ingress: Location['ingress'];
  readonly field: Location['field'];
  readonly route: Pick<Route, 'match' | 'action' | 'clientCertificate' | 'access'>;
  readonly rank: readonly number[];
}

/** What answers for a host name besides its locations. */
export function serverRoutes(server: Server, blocking: Blocking): readonly ServerRoute[] {
  return [...noTrace(server), ...refusals(server, blocking), ...appRoot(server), ...slashRedirects(server), ...ends(server)];
}

/** nginx never passes TRACE on: it shows to scripts what only the server shall see. */
function noTrace(server: Server): readonly ServerRoute[] {
  const [location] = server.locations;
  if (!location) return [];
  const match = { path: { type: 'prefix', value: '/' }, method: 'TRACE', headers: hostConditions(server), query: [] } as const;
  return [{ ...location, route: { match, action: { type: 'respond', status: 405 } }, rank: [...before(server), 1] }];
}

/** Before anything is answered, redirects too. */
function refusals(server: Server, blocking: Blocking): readonly ServerRoute[] {
  const { ingress } = server.first;
  return refused(blocking, hostConditions(server)).map((route) => ({ ingress, field: server.hostField, route, rank: [...before(server), 0, 1] }));
}

/** Those that the controller keeps out by what they say they are. */
function refused({ headers }: Blocking, conditions: RouteMatch['headers'] = []): readonly Pick<Route, 'match' | 'action'>[] {
  return headers.map((header) => ({
    match: { path: { type: 'prefix', value: '/' }, headers: [...conditions, header], query: [] },
    action: { type: 'respond', status: 403 },
  }));
}

/** `/` is sent to the root of the application: of the whole host name, whichever Ingress says so. */
function appRoot(server: Server): readonly ServerRoute[] {
  const location = byRank(server).find(({ reading }) => reading.of(rewrite)?.appRoot !== undefined);
  const path = location?.reading.of(rewrite)?.appRoot;
  if (!location || path === undefined) return [];
  const match = { path: { type: 'exact', value: '/' }, headers: hostConditions(server), query: [] } as const;
  const action: LocationAction = { type: 'location', status: 302, to: `{scheme}://{authority}${path}` };
  return [{ ...location, route: { match, action }, rank: before(server) }];
}

/** nginx sends `/shop` to `/shop/` where only the latter is a path, of whatever type. */
function slashRedirects(named: Server): readonly ServerRoute[] {
  if (named.usesRegex) return [];
  const taken = new Set(named.locations.map(({ path }) => path));
  return named.locations.flatMap((location): ServerRoute[] => {
    const { path, reading, ingress, field } = location;
    const bare = path.replace(/\/$/, '');
    if (bare === '' || bare === path || taken.has(bare)) return [];
    taken.add(bare);
    const match = { path: { type: 'exact', value: bare }, headers: hostConditions(named), query: [] } as const;
    const server = reading.of(redirect)?.isRelative ? '' : '{scheme}://{host}';
    const action: LocationAction = { type: 'location', status: 301, to: `${server}${path}{query}` };
    return [{ ingress, field, route: { match, action }, rank: locationRank(named, { path: bare, pathType: 'Exact' }) }];
  });
}

/** A wildcard or an expression shares its place with other host names, whose paths are not its own. */
function ends(server: Server): readonly ServerRoute[] {
  const [location] = server.locations;
  const takesAll = server.locations.some(({ path, pathType }) => path === '/' && pathType !== 'Exact');
  const isShared = server.authority !== undefined || server.host.startsWith('*.');
  if (!isShared || !location || takesAll) return [];
  const match = { path: { type: 'prefix', value: '/' }, headers: hostConditions(server), query: [] } as const;
  return [{ ...location, route: { match, action: { type: 'respond', status: 404 } }, rank: behind(server) }];
}

/** The other one of `www.example.com` and `example.com`, where it has no rules: all its requests are sent to this one. Undefined: not asked for. */
export function wwwRedirect(server: Server, { controller: { value }, port, blocking }: Pick<FeatureContext, 'controller' | 'port' | 'blocking'>) {
  const location = server.locations.find(({ reading }) => reading.of(redirect)?.fromToWww);
  if (!location || server.host.startsWith('*')) return undefined;
  const from = server.host.startsWith('www.') ? server.host.slice('www.'.length) : `www.${server.host}`;
  const match = { path: { type: 'prefix', value: '/' }, headers: [], query: [] } as const;
  const to = value('use-forwarded-headers')
    ? `{saidScheme}://${server.host}:{saidPort|${port().number}}{cut}`
    : `{scheme}://${server.host}:${port().number}{cut}`;
  const action: LocationAction = { type: 'location', status: value('http-redirect-code'), to };
  const routes = [...refused(blocking), { match, action }];
  return { from, routes: routes.map((route, index): ServerRoute => ({ ...location, route, rank: [0, 1, routes.length - index] })) };
}

/**
 * What answers for host names that nobody has. Load balancers ask any of them for `/healthz`, as long as no Ingress takes the path; an expression of all host
 * names takes it too. Whom the controller keeps out is kept out here as well.
 */
export function routesOfNobody(servers: readonly Server[], blocking: Blocking): readonly Pick<ServerRoute, 'route' | 'rank'>[] {
  const { cidrs: denied } = blocking;
  const route = (path: string, status: 200 | 404, rank: readonly number[]) => ({
    route: {
      match: { path: { type: 'prefix', value: path }, headers: [], query: [] } as const,
      action: { type: 'respond', status } as const,
      ...(denied.length > 0 && { access: { denied } }),
    },
    rank,
  });
  const ofAll = servers.find(({ host, authority }) => host === '*' && authority === undefined);
  return [
    ...(ofAll?.usesRegex ? [] : [route('/healthz', 200, [0, 1, '/healthz'.length])]),
    ...(denied.length > 0 ? [route('/', 404, behind({ order: 0 }))] : []),
    ...refused(blocking).map((one) => ({ route: one, rank: [...before({ order: 0 }), 0, 1] })),
  ];
}

/** As nginx tries them. */
function byRank(server: Server): readonly Location[] {
  return server.locations.toSorted((a, b) => b.path.length - a.path.length || (a.path < b.path ? 1 : -1));
}
