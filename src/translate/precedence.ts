import type { PathMatch, Route } from '../ir/route.ts';
import type { Stored } from '../store/stored.ts';

/** A route with the object that it comes from. */
export interface OwnedRoute {
  readonly route: Route;
  /** Its place, the larger number first, where it is another than that of its match. Routes of one owner with equal ranks stay in their order. */
  readonly rank?: readonly number[];
  readonly owner: Pick<Stored, 'kind' | 'namespace' | 'name' | 'age' | 'origin'>;
}

/**
 * Sorts the routes of one host name into the order in which Envoy tries them. Routes of one owner come in the order of their
 * rules, and keep it where all else is equal.
 *
 * HTTP: exact path, then expressions (Gateway API leaves their place open; before prefixes they are not hidden by `/`), then
 * prefixes, each the longest first; then method, number of headers, number of query parameters.
 * gRPC: service and method, then service, then expressions and methods of any service; before HTTP, as they ask for more.
 * Then the older object, then the first by `NAMESPACE/NAME`.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export function byPrecedence(routes: readonly OwnedRoute[]): readonly OwnedRoute[] {
  const ranked = routes.map((owned) => ({ owned, rank: owned.rank ?? rankOf(owned.route) }));
  ranked.sort((a, b) => compareRanks(a.rank, b.rank) || compareOwners(a.owned.owner, b.owned.owner));
  return ranked.map(({ owned }) => owned);
}

/** Older first, then by `NAMESPACE/NAME`. */
export function compareOwners(a: Pick<Stored, 'namespace' | 'name' | 'age'>, b: Pick<Stored, 'namespace' | 'name' | 'age'>): number {
  return compareText(a.age, b.age) || compareText(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`);
}

/** Larger numbers come first. */
function rankOf({ match }: Route): readonly number[] {
  // The condition on the authority only narrows a wildcard host to one label.
  const headers = match.headers.filter((header) => header.name !== ':authority').length;
  const path = match.grpc ? grpcPathRank(match.path) : httpPathRank(match.path);
  return [match.grpc ? 1 : 0, path, match.path.value.length, match.method === undefined ? 0 : 1, headers, match.query.length];
}

function httpPathRank(path: PathMatch): number {
  if (path.type === 'exact') return 3;
  return path.type === 'regex' ? 2 : 1;
}

function grpcPathRank(path: PathMatch): number {
  if (path.type === 'exact') return 3;
  // Every call: below the expressions, as `/` says nothing of a service.
  if (path.type === 'prefix' && path.value === '/') return 0;
  return path.type === 'regex' ? 1 : 2;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (b[index] ?? 0) - (a[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
