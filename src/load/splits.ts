import type { Group } from '../ir/gateway.ts';
import { unresolvedCluster } from '../ir/names.ts';
import type { VirtualHost } from '../ir/route.ts';
import { createSlot } from '../memo/slot.ts';

/** A share of a route, as a weight. */
export interface Weighted {
  readonly cluster: string;
  readonly weight: number;
}

/** A route that sends requests to clusters. */
export interface ForwardingRoute {
  /** Identity of the rule: the same name on several ports and hosts is the same route. */
  readonly name: string;
  readonly virtualHost: string;
  /** Each cluster once. */
  readonly backends: readonly Weighted[];
}

/** A route with the hosts that it stands in. */
export interface Split {
  readonly route: string;
  readonly virtualHosts: readonly string[];
  readonly backends: readonly Weighted[];
}

/** The routes of a group that share requests out, and who uses each cluster. */
export interface SplitTable {
  /** Those with more than one cluster, by name. */
  readonly splits: ReadonlyMap<string, Split>;
  /** All forwarding routes, by name. */
  readonly routes: ReadonlyMap<string, Split>;
  /** By cluster: the names of all that sends requests there. What no route shares out (copies, questions, connections that pass as they come) has a name too. */
  readonly users: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Puts the routes of a group together. A route that is met with other shares than before keeps the first. */
export function splitTable(routes: Iterable<ForwardingRoute>): SplitTable {
  const found = new Map<string, { route: string; virtualHosts: string[]; backends: readonly Weighted[] }>();
  const users = new Map<string, Set<string>>();
  for (const { name, virtualHost, backends } of routes) {
    const known = found.get(name);
    if (!known) found.set(name, { route: name, virtualHosts: [virtualHost], backends });
    else if (!known.virtualHosts.includes(virtualHost)) known.virtualHosts.push(virtualHost);
    for (const { cluster } of backends) {
      const names = users.get(cluster);
      if (names) names.add(name);
      else users.set(cluster, new Set([name]));
    }
  }
  const splits = new Map([...found].filter(([, { backends }]) => backends.length > 1));
  return { splits, routes: found, users };
}

/** One entry for each cluster, in the order in which they are met. */
export function mergedWeights(backends: readonly Weighted[]): readonly Weighted[] {
  const weights = new Map<string, number>();
  for (const { cluster, weight } of backends) weights.set(cluster, (weights.get(cluster) ?? 0) + weight);
  return [...weights].map(([cluster, weight]) => ({ cluster, weight }));
}

/** The part of the requests that a cluster of a split is meant to get, 0 to 1; undefined: it is none of its clusters. */
export function shareOf(backends: readonly Weighted[], cluster: string): number | undefined {
  const one = backends.find((backend) => backend.cluster === cluster);
  if (!one) return undefined;
  const sum = backends.reduce((total, { weight }) => total + weight, 0);
  return sum === 0 ? 0 : one.weight / sum;
}

/** What sends all its requests to one cluster. */
export const wholeOf = (name: string, virtualHost: string, cluster: string): ForwardingRoute => ({ name, virtualHost, backends: [{ cluster, weight: 1 }] });

/** What was read of a virtual host: most are the same in the next build. */
const ofHosts = createSlot<VirtualHost, readonly ForwardingRoute[]>();
const tables = createSlot<Group, SplitTable>();

/** The table of a representation. */
export function splitTableOf(group: Group): SplitTable {
  const known = tables.get(group);
  if (known) return known;
  const hosts = group.routeConfigurations.flatMap(({ virtualHosts }) => virtualHosts);
  const made = splitTable([...hosts.flatMap(routesOf), ...passedConnections(group)]);
  tables.set(group, made);
  return made;
}

function routesOf(host: VirtualHost): readonly ForwardingRoute[] {
  const known = ofHosts.get(host);
  if (known) return known;
  const made = host.routes.flatMap((route): readonly ForwardingRoute[] => {
    const alone = (what: string, cluster: string | undefined) => (cluster === undefined ? [] : [wholeOf(`${what} of ${route.name}`, host.name, cluster)]);
    const { action, approval, errorPages } = route;
    const aside = [...alone('questions', approval?.cluster), ...(errorPages?.clusters ?? []).flatMap((cluster) => alone('error pages', cluster))];
    if (action.type !== 'forward') return aside;
    const backends = mergedWeights(action.backends.map(({ cluster = unresolvedCluster, weight }) => ({ cluster, weight })));
    return [{ name: route.name, virtualHost: host.name, backends }, ...action.mirrors.flatMap(({ cluster }) => alone('copies', cluster)), ...aside];
  });
  ofHosts.set(host, made);
  return made;
}

/** Connections and datagrams that go on as they come: each counts as a request of its cluster. */
function passedConnections({ streams = [], listeners }: Group): readonly ForwardingRoute[] {
  const chains = listeners.flatMap(({ name, filterChains }) =>
    filterChains.flatMap((chain) => (chain.passesTo === undefined ? [] : [wholeOf(`connections to ${chain.name} of ${name}`, name, chain.passesTo)])),
  );
  return [...streams.map(({ name, cluster }) => wholeOf(`connections to ${name}`, name, cluster)), ...chains];
}
