import type { Resource } from '../../src/resource.ts';
import type { Random } from './random.ts';
import { checkedCluster, cluster, endpoints, listener, namedCluster, routes, secret, securedCluster } from './resources.ts';

/** One state of a server, as plain data, so that it can be printed. */
export interface State {
  readonly clusters: Readonly<
    Record<string, { readonly kind: 'plain' | 'checked' | 'secured' | 'named'; readonly version: number; readonly ports: readonly number[] }>
  >;
  /** By name: the port, and the clusters of two routes. */
  readonly listeners: Readonly<Record<string, { readonly port: number; readonly to: readonly [string, string] }>>;
  /** 0: there is none yet. */
  readonly secret: number;
}

/** What happens to a stream, its client, or the wire between them. */
export type Action =
  | { readonly do: 'publish'; readonly state: State }
  | { readonly do: 'reconnect' }
  /** The oldest message under way in that direction arrives. */
  | { readonly do: 'reach server' }
  | { readonly do: 'reach client' }
  | { readonly do: 'pass'; readonly ms: number }
  /** The client says something with a nonce that nobody gave. */
  | { readonly do: 'wrong nonce'; readonly type: 'clusters' | 'endpoints' | 'listeners' | 'routes' };

/** No first health check takes longer: it has failed then. */
export const checkTimeoutMs = 3000;

const clusterNames = ['a', 'b', 'c', 'd', 'n'];
const kinds = ['plain', 'plain', 'checked', 'secured'] as const;
const ports = [10, 11, 12] as const;

/**
 * A consistent state: some clusters with endpoints, and routes that use only these. The cluster `n` is one of names that the client
 * resolves. No two listeners have the same port, but one may take over that of another.
 */
export function stateOf(random: Random): State {
  const used = clusterNames.filter(() => random.chance(0.6));
  if (used.length === 0) used.push('a');
  const portsOf = (): readonly number[] => Array.from({ length: Math.floor(random.next() * 3) }, (_, index) => 1 + index + Math.floor(random.next() * 3));
  const clusters = Object.fromEntries(
    used.map((name) => [name, { kind: name === 'n' ? ('named' as const) : random.pick(kinds), version: random.pick([1000, 1001]), ports: portsOf() }]),
  );
  const names = random.pick([['l'], ['l', 'm'], ['l', 'm'], ['m', 'o'], ['o', 'l']]);
  const turn = Math.floor(random.next() * ports.length);
  const listeners = Object.fromEntries(
    names.map((name, index) => [name, { port: ports[(turn + index) % ports.length] ?? 10, to: [random.pick(used), random.pick(used)] as const }]),
  );
  return { clusters, listeners, secret: random.pick([0, 1, 1, 2, 2]) };
}

/** Most waits are short; some outlast the drain delay, a few all patience. */
const waits = [...Array.from({ length: 26 }, () => 300), 6000, 6000, 6000, 25_000];

/** A history of `length` actions. */
export function historyOf(random: Random, length: number): readonly Action[] {
  return Array.from({ length }, (): Action => {
    const dice = random.next();
    if (dice < 0.08) return { do: 'publish', state: stateOf(random) };
    if (dice < 0.11) return { do: 'reconnect' };
    if (dice < 0.4) return { do: 'reach server' };
    if (dice < 0.7) return { do: 'reach client' };
    if (dice < 0.72) return { do: 'wrong nonce', type: random.pick(['clusters', 'endpoints', 'listeners', 'routes'] as const) };
    return { do: 'pass', ms: Math.floor(random.next() * random.pick(waits)) };
  });
}

// Equal resources are the same object, as they are in a server.
const made = new Map<string, Resource>();

function same(make: () => Resource, ...key: readonly unknown[]): Resource {
  const text = JSON.stringify(key);
  let found = made.get(text);
  if (!found) {
    found = make();
    made.set(text, found);
  }
  return found;
}

/** The resources of a state. */
export function resourcesOf(state: State): readonly Resource[] {
  const list: Resource[] = [];
  for (const [name, { kind, version, ports }] of Object.entries(state.clusters)) {
    const make = {
      plain: () => cluster(name, version),
      checked: () => checkedCluster(name, version, checkTimeoutMs),
      secured: () => securedCluster(name, 's', version),
      named: () => namedCluster(name, version),
    };
    list.push(same(make[kind], kind, name, version));
    if (kind !== 'named') list.push(same(() => endpoints(name, ports), 'endpoints', name, ports));
    if (kind === 'secured' && state.secret > 0) list.push(same(() => secret('s', String(state.secret)), 'secret', state.secret));
  }
  for (const [name, { port, to }] of Object.entries(state.listeners)) {
    list.push(
      same(() => listener(name, port), 'listener', name, port),
      same(() => routes(name, { '/x': to[0], '/': to[1] }), 'routes', name, to),
    );
  }
  return list;
}

/**
 * The shortest list of actions that still fails, found by leaving out: first halves, then ever smaller parts.
 * @param fails whether a list fails; asked many times.
 */
export function shorten(actions: readonly Action[], fails: (actions: readonly Action[]) => boolean): readonly Action[] {
  let shortest = actions;
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < shortest.length; ) {
      const without = [...shortest.slice(0, from), ...shortest.slice(from + size)];
      if (fails(without)) shortest = without;
      else from += size;
    }
  }
  return shortest;
}
