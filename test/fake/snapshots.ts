import { typed } from '../../src/proto/message.ts';
import { duration } from '../../src/proto/values.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from '../../src/resource.ts';
import { changeBetween, revisionOf } from '../../src/revision/revision.ts';
import type { SnapshotListener, Snapshots } from '../../src/revision/snapshots.ts';
import { resource } from '../../src/xds/encode.ts';

/** Snapshots that a test sets by hand. */
export interface FakeSnapshots extends Snapshots {
  /** Replaces what a group is served, and tells everyone. */
  set(group: string, resources: readonly Resource[]): Snapshot;
}

/** No group has a snapshot at first. */
export function fakeSnapshots(): FakeSnapshots {
  const current = new Map<string, Snapshot>();
  const listeners = new Set<SnapshotListener>();
  return {
    get: (group) => current.get(group),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(group, resources) {
      const snapshot = snapshotOf(group, resources);
      const change = changeBetween(current.get(group), snapshot);
      current.set(group, snapshot);
      for (const listener of listeners) listener(snapshot, change);
      return snapshot;
    },
  };
}

/** A snapshot of these resources. */
export function snapshotOf(group: string, resources: readonly Resource[]): Snapshot {
  const ofType = (type: ResourceType): ResourceMap =>
    new Map(resources.filter((candidate) => candidate.type === type).map((candidate) => [candidate.name, candidate]));
  const byType = Object.fromEntries(resourceTypes.map((type) => [type, ofType(type)])) as Record<ResourceType, ResourceMap>;
  return { group, revision: revisionOf(byType), resources: byType };
}

const overAds = { ads: {}, resource_api_version: 'V3' } as const;
const originOf = (kind: string, name: string) => [{ object: `${kind} test/${name}` }];

/** A cluster that asks for its endpoints by EDS. @param connectTimeoutMs makes another version of it; one below 0 is refused by Envoy. */
export function clusterOf(name: string, connectTimeoutMs = 1000): Resource {
  return resource(
    'clusters',
    name,
    { name, type: 'EDS', connect_timeout: duration(connectTimeoutMs), eds_cluster_config: { eds_config: overAds } },
    originOf('Service', name),
  );
}

/** A cluster that the field rules of the Envoy API refuse: its maximum of ejected endpoints is above 100 %. */
export function badClusterOf(name: string): Resource {
  return resource(
    'clusters',
    name,
    { name, type: 'EDS', eds_cluster_config: { eds_config: overAds }, outlier_detection: { max_ejection_percent: { value: 101 } } },
    originOf('Service', name),
  );
}

/** Endpoints on ports of 127.0.0.1. */
export function endpointsOf(cluster: string, ports: readonly number[]): Resource {
  return resource(
    'endpoints',
    cluster,
    {
      cluster_name: cluster,
      endpoints: [{ lb_endpoints: ports.map((port) => ({ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } })) }],
    },
    originOf('Service', cluster),
  );
}

/** Routes by path prefix, in this order. */
export function routesOf(name: string, clusterByPrefix: Readonly<Record<string, string>>): Resource {
  const routes = Object.entries(clusterByPrefix).map(([prefix, cluster]) => ({ match: { prefix }, route: { cluster } }));
  return resource('routes', name, { name, virtual_hosts: [{ name: '*', domains: ['*'], routes }] }, originOf('HTTPRoute', name));
}

/** An HTTP listener of 127.0.0.1 whose routes come by RDS. */
export function listenerOf(name: string, port: number, routes: string): Resource {
  const manager = typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: name,
    rds: { route_config_name: routes, config_source: overAds },
    http_filters: [{ name: 'router', typed_config: typed('envoy.extensions.filters.http.router.v3.Router', {}) }],
  });
  return resource(
    'listeners',
    name,
    {
      name,
      address: { socket_address: { address: '127.0.0.1', port_value: port } },
      filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
    },
    originOf('Gateway', name),
  );
}
