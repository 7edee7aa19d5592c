import { memoized } from '../memo/memoized.ts';
import { createSlot } from '../memo/slot.ts';
import { type Decoded, decodeRaw } from '../proto/codec.ts';
import { fieldFinder } from '../proto/field-finder.ts';
import type { MessageName } from '../proto/message.ts';
import { messageNameOf, type Resource, type ResourceType } from '../resource.ts';
import { contentOf, tableOf } from '../route-table.ts';
import { xdsCluster } from '../xds-cluster.ts';
import { decodedOnce } from './decoded-once.ts';
import { tallyOfList } from './tally-of-list.ts';

/** What a resource needs by name: the names of resources of other types, each once. */
export type References = Readonly<Record<Exclude<ResourceType, 'listeners'>, ReadonlySet<string>>>;

// Content never changes, so that what was once read of it holds for as long as it is there.
const known = createSlot<object, References>();

/**
 * The names that a listener, a route configuration or a cluster refers to. It reads the encoded message, so that nothing that
 * is sent can be overlooked, whoever made it.
 */
export function references(resource: Resource): References {
  const content = contentOf(resource);
  let found = known.get(content);
  if (!found) {
    found = compact(read(resource));
    known.set(content, found);
  }
  return found;
}

/** The names of clusters that an encoded route refers to. */
export function clustersOfRoute(entry: Uint8Array): ReadonlySet<string> {
  const found = nothing();
  const message = 'envoy.config.route.v3.Route';
  findIn(message, decodeRaw(message, entry), found);
  return found.clusters;
}

/** Stands for every set without a name: most of what a resource could refer to it does not. */
const none: ReadonlySet<string> = new Set();

const shared = (names: ReadonlySet<string>): ReadonlySet<string> => (names.size === 0 ? none : names);

function compact({ secrets, clusters, endpoints, routes }: References): References {
  return { secrets: shared(secrets), clusters: shared(clusters), endpoints: shared(endpoints), routes: shared(routes) };
}

/** What an encoded virtual host refers to: clusters. */
interface HostReferences {
  readonly clusters: ReadonlySet<string>;
  /** Those that share the requests of a route with another cluster. */
  readonly splitClusters: ReadonlySet<string>;
}

/** The clusters of an encoded virtual host that share the requests of a route with another cluster. */
export function splitClustersOfHost(host: Uint8Array): ReadonlySet<string> {
  return hostReferences(host).splitClusters;
}

/** What an encoded virtual host refers to. It never changes, and most of a table stand in the next one as well. */
export const hostReferences = memoized((host: Uint8Array): HostReferences => {
  const found = nothing();
  const message = 'envoy.config.route.v3.VirtualHost';
  findIn(message, decodedOnce(message, host), found);
  return { clusters: found.clusters, splitClusters: shared(found.splitClusters) };
});

/** Mostly the same clusters as those of the table before. */
const clustersOfHosts = tallyOfList((host: Uint8Array) => hostReferences(host).clusters);

const splitClustersOfHosts = tallyOfList(splitClustersOfHost);

/** The clusters of a route configuration that share the requests of a route with another cluster. */
export function splitClustersOfTable(table: Resource): ReadonlySet<string> {
  return splitClustersOfHosts(table.name, tableOf(table).hosts).keys;
}

type Found = Record<keyof References | 'splitClusters', Set<string>>;

const nothing = (): Found => ({ secrets: new Set(), clusters: new Set(), endpoints: new Set(), routes: new Set(), splitClusters: new Set() });

function read(resource: Resource): References {
  const found = nothing();
  if (resource.type === 'endpoints' || resource.type === 'secrets') return found;
  const name = messageNameOf(resource.type);
  if (resource.type === 'routes') {
    const { own, hosts } = tableOf(resource);
    findIn(name, decodeRaw(name, own), found);
    const { keys: clusters } = clustersOfHosts(resource.name, hosts);
    return found.clusters.size === 0 ? { ...found, clusters } : { ...found, clusters: new Set([...found.clusters, ...clusters]) };
  }
  const message = decodedOnce(name, resource.bytes);
  if (resource.type === 'clusters' && message['type'] === edsType) {
    const service = (message['eds_cluster_config'] as Decoded | null)?.['service_name'];
    found.endpoints.add(String(service || resource.name));
  }
  findIn(name, message, found);
  return found;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#enum-config-cluster-v3-cluster-discoverytype */
const edsType = 3;

/** Fields of these names hold the name of a cluster wherever they stand in a listener or in routes. */
const clusterFields = ['cluster', 'cluster_name', 'shadow_cluster'];

const findFields = fieldFinder(new Set([...clusterFields, 'route_config_name', 'weighted_clusters', 'sds_config']));

function findIn(name: MessageName, message: Decoded, found: Found): void {
  findFields(name, message, (field, value, holder) => {
    if (field === 'sds_config') found.secrets.add(String(holder['name']));
    else if (field === 'route_config_name') found.routes.add(String(value));
    else if (field === 'weighted_clusters') addSplit(weightedNames(value), found);
    // The bootstrap has that one.
    else if (typeof value === 'string' && value !== '' && value !== xdsCluster) found.clusters.add(value);
  });
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
