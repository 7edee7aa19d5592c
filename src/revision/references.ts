import { decode } from '../proto/codec.ts';
import { tableParts } from '../proto/encoded-table.ts';
import { messageNameOf, type Resource, type ResourceType } from '../resource.ts';
import type { Work } from '../work.ts';

/** What a resource needs by name: the names of resources of other types, each once. */
export type References = Readonly<Record<Exclude<ResourceType, 'listeners'>, ReadonlySet<string>>>;

// Encoded bytes never change, so that what was once read of them holds for as long as they are there.
const known = new WeakMap<Uint8Array, References>();

/**
 * The names that a listener, a route configuration or a cluster refers to. It reads the encoded message, so that nothing that
 * is sent can be overlooked, whoever made it.
 */
export function references(resource: Resource): References {
  let found = known.get(resource.bytes);
  if (!found) {
    found = compact(read(resource));
    known.set(resource.bytes, found);
  }
  return found;
}

/** The names of clusters that an encoded route refers to. */
export function clustersOfRoute(entry: Uint8Array): ReadonlySet<string> {
  const found = nothing();
  walk(decode('envoy.config.route.v3.Route', entry), found);
  return found.clusters;
}

/** Stands for every set without a name: most of what a resource could refer to it does not. */
const none: ReadonlySet<string> = new Set();

const shared = (names: ReadonlySet<string>): ReadonlySet<string> => (names.size === 0 ? none : names);

function compact({ secrets, clusters, endpoints, routes }: Found): References {
  return { secrets: shared(secrets), clusters: shared(clusters), endpoints: shared(endpoints), routes: shared(routes) };
}

/** What an encoded virtual host refers to: clusters. */
interface HostReferences {
  readonly clusters: ReadonlySet<string>;
  /** Those that share the requests of a route with another cluster. */
  readonly splitClusters: ReadonlySet<string>;
}

// An encoded virtual host never changes, and most of a table stand in the next one as well.
const knownOfHost = new WeakMap<Uint8Array, HostReferences>();

/** Reads the virtual hosts of an encoded table in short turns, for `references` to know them. */
export function* readHosts(bytes: Uint8Array): Work<void> {
  for (const host of tableParts(bytes).hosts) {
    hostReferences(host);
    yield;
  }
}

/** The clusters of an encoded virtual host that share the requests of a route with another cluster. */
export function splitClustersOfHost(host: Uint8Array): ReadonlySet<string> {
  return hostReferences(host).splitClusters;
}

function hostReferences(host: Uint8Array): HostReferences {
  const before = knownOfHost.get(host);
  if (before) return before;
  const found = nothing();
  walk(decode('envoy.config.route.v3.VirtualHost', host), found);
  const made = { clusters: found.clusters, splitClusters: shared(found.splitClusters) };
  knownOfHost.set(host, made);
  return made;
}

type Found = Record<keyof References | 'splitClusters', Set<string>>;

const nothing = (): Found => ({ secrets: new Set(), clusters: new Set(), endpoints: new Set(), routes: new Set(), splitClusters: new Set() });

function read(resource: Resource): Found {
  const found = nothing();
  if (resource.type === 'endpoints' || resource.type === 'secrets') return found;
  if (resource.type === 'routes') {
    const { own, hosts } = tableParts(resource.bytes);
    walk(decode('envoy.config.route.v3.RouteConfiguration', own), found);
    for (const host of hosts) for (const name of hostReferences(host).clusters) found.clusters.add(name);
    return found;
  }
  const message: Readonly<Record<string, unknown>> = decode(messageNameOf(resource.type), resource.bytes) as object as Record<string, unknown>;
  if (resource.type === 'clusters') {
    const service = (message['eds_cluster_config'] as { service_name?: string } | undefined)?.service_name;
    if (message['type'] === 'EDS') found.endpoints.add(service || resource.name);
  }
  walk(message, found);
  return found;
}

/** Fields of these names hold the name of a cluster wherever they stand in a listener or in routes. */
const clusterFields = new Set(['cluster', 'cluster_name', 'shadow_cluster']);

function walk(value: unknown, found: Found): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, found);
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const fields = value as Record<string, unknown>;
  if (typeof fields['sds_config'] === 'object' && typeof fields['name'] === 'string') found.secrets.add(fields['name']);
  for (const [key, child] of Object.entries(fields)) {
    if (clusterFields.has(key) && typeof child === 'string' && child !== '') found.clusters.add(child);
    else if (key === 'route_config_name' && typeof child === 'string') found.routes.add(child);
    else if (key === 'weighted_clusters') addSplit(weightedNames(child), found);
    walk(child, found);
  }
}

function addSplit(names: readonly string[], { clusters, splitClusters }: Found): void {
  const isSplit = new Set(names).size > 1;
  for (const name of names) {
    clusters.add(name);
    if (isSplit) splitClusters.add(name);
  }
}

function weightedNames(weighted: unknown): readonly string[] {
  const clusters = (weighted as { clusters?: readonly { name?: string }[] }).clusters ?? [];
  return clusters.map(({ name }) => name ?? '').filter((name) => name !== '');
}
