import type { PathMatch, RouteMatch } from '../../ir/route.ts';
import { pathPrefix } from '../http-route.ts';
import type { Location, Server } from './location.ts';
import { locationRegex } from './location-regex.ts';

/** Which requests a location takes. `ImplementationSpecific` is `Prefix`, as for ingress-nginx. */
export function locationMatch(server: Server, location: Location): RouteMatch {
  return { path: pathMatch(server, location), headers: hostConditions(server), query: [] };
}

/** What a request for the host name must fit besides. */
export function hostConditions({ authority }: Server): RouteMatch['headers'] {
  return authority === undefined ? [] : [{ name: ':authority', type: 'regex', value: authority }];
}

/**
 * Its place among the locations of its host name; larger numbers first, as `precedence.ts` has them. Where paths are
 * expressions the longest text comes first, then the last in the order of characters; else nginx takes exact paths, then the longest.
 */
export function locationRank(server: Server, { path, pathType }: Pick<Location, 'path' | 'pathType'>): readonly number[] {
  if (server.usesRegex) return [server.order, 2, path.length, ...[...path].map((character) => character.codePointAt(0) ?? 0)];
  return [server.order, pathType === 'Exact' ? 3 : 1, path.length];
}

/** The place of what answers before any location of the host name, and behind all of them. */
export const before = ({ order }: Pick<Server, 'order'>): readonly number[] => [order, 4];
export const behind = ({ order }: Pick<Server, 'order'>): readonly number[] => [order, 0];

function pathMatch({ usesRegex }: Server, { path, pathType }: Location): PathMatch {
  if (usesRegex) return { type: 'regex', value: locationRegex(path) };
  if (pathType === 'Exact') return { type: 'exact', value: path };
  return path.endsWith('/') ? { type: 'prefix', value: path } : pathPrefix(path);
}
