import { memoized } from '../memo/memoized.ts';
import { decode } from '../proto/codec.ts';
import { messageNameOf, type Resource, type Snapshot } from '../resource.ts';
import { routesByName } from './routes-by-name.ts';

/** A change that takes away fewer clusters, fewer routes and fewer endpoints of a cluster than this is never a wipe by its share. */
const leastRemoved = 10;

/** What a candidate takes away from what is served, by name. */
export interface Loss {
  readonly listeners: Lost;
  /** Routes inside of the route configurations, as `CONFIGURATION ROUTE`. */
  readonly routes: Lost;
  readonly clusters: Lost;
  /** Whether that is too much to be believed. */
  readonly isWipe: boolean;
}

/** The names that are gone, of how many that were there. */
export interface Lost {
  readonly names: readonly string[];
  readonly of: number;
}

/**
 * What of a served configuration a candidate does not have any more. Too much is: the last listener, or at least ten clusters
 * or routes and more than a share of them.
 * @param next undefined: nothing asks for the group any more, so that everything is gone.
 * @param percent the share, 0 to 100.
 */
export function lossBetween(served: Snapshot, next: Snapshot | undefined, percent: number): Loss {
  const listeners = lost(served.resources.listeners, next?.resources.listeners);
  const clusters = lost(served.resources.clusters, next?.resources.clusters);
  const routes = lost(routeNames(served), next && routeNames(next));
  const isEmptied = !next || (listeners.of > 0 && listeners.names.length === listeners.of && next.resources.listeners.size === 0);
  return { listeners, routes, clusters, isWipe: isEmptied || isTooMuch(routes, percent) || isTooMuch(clusters, percent) };
}

/** Whether everything that is served is there. */
export function isNothing({ listeners, routes, clusters, isWipe }: Loss): boolean {
  return !isWipe && [listeners, routes, clusters].every(({ names }) => names.length === 0);
}

/**
 * The clusters that both have and that lose their last endpoint, or at least ten and more than the share of them.
 * @param among only these clusters; undefined: all.
 */
export function emptiedClusters(served: Snapshot, next: Snapshot, percent: number, among?: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const [name, before] of served.resources.endpoints) {
    const after = next.resources.endpoints.get(name);
    if (!after || after.version === before.version || (among && !among.has(name))) continue;
    const [of, left] = [endpointCount(before), endpointCount(after)];
    if (of > 0 && (left === 0 || isShare(of - left, of, percent))) found.add(name);
  }
  return found;
}

function isTooMuch({ names, of }: Lost, percent: number): boolean {
  return isShare(names.length, of, percent);
}

function isShare(removed: number, of: number, percent: number): boolean {
  return removed >= leastRemoved && removed * 100 > of * percent;
}

interface Names {
  readonly size: number;
  keys(): Iterable<string>;
  has(name: string): boolean;
}

function lost(before: Names, after: Names | undefined): Lost {
  return { names: [...before.keys()].filter((name) => !after?.has(name)), of: before.size };
}

function routeNames({ resources }: Snapshot): ReadonlySet<string> {
  return new Set([...resources.routes.values()].flatMap(routesOf));
}

function routesOf(resource: Resource): readonly string[] {
  return [...routesByName(resource).hosts.values()].flatMap(({ routes }) => [...routes.keys()].map((name) => `${resource.name} ${name}`));
}

// A resource never changes, and most are the same in the next candidate.
const endpointCount = memoized(({ bytes }: Resource): number => {
  const { endpoints = [] } = decode(messageNameOf('endpoints'), bytes);
  return endpoints.reduce((sum, { lb_endpoints = [] }) => sum + lb_endpoints.length, 0);
});
