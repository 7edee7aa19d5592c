import { memoized } from '../memo/memoized.ts';
import { createSlot } from '../memo/slot.ts';
import type { Decoded } from '../proto/codec.ts';
import { messageNameOf, type Resource, type ResourceType } from '../resource.ts';
import { contentOf, tableOf } from '../route-table.ts';
import { inspected } from './inspected.ts';
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
  return inspected('envoy.config.route.v3.Route', entry).names.clusters;
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
  const { clusters, splitClusters } = inspected('envoy.config.route.v3.VirtualHost', host).names;
  return { clusters, splitClusters: shared(splitClusters) };
});

/** Mostly the same clusters as those of the table before. */
const clustersOfHosts = tallyOfList((host: Uint8Array) => hostReferences(host).clusters);

const splitClustersOfHosts = tallyOfList(splitClustersOfHost);

/** The clusters of a route configuration that share the requests of a route with another cluster. */
export function splitClustersOfTable(table: Resource): ReadonlySet<string> {
  return splitClustersOfHosts(table.name, tableOf(table).hosts).keys;
}

function read(resource: Resource): References {
  if (resource.type === 'endpoints' || resource.type === 'secrets') return { secrets: none, clusters: none, endpoints: none, routes: none };
  if (resource.type === 'routes') {
    const { own, hosts } = tableOf(resource);
    const { names } = inspected(messageNameOf('routes'), own);
    const { keys } = clustersOfHosts(resource.name, hosts);
    return { ...names, endpoints: none, clusters: names.clusters.size === 0 ? keys : new Set([...names.clusters, ...keys]) };
  }
  const { message, names } = inspected(messageNameOf(resource.type), resource.bytes);
  if (resource.type !== 'clusters' || message['type'] !== edsType) return { ...names, endpoints: none };
  const service = (message['eds_cluster_config'] as Decoded | null)?.['service_name'];
  return { ...names, endpoints: new Set([String(service || resource.name)]) };
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#enum-config-cluster-v3-cluster-discoverytype */
const edsType = 3;
