import type { EndpointSet } from '../ir/backend.ts';
import type { Group } from '../ir/gateway.ts';
import { grpcGroupParts } from '../ir/names.ts';
import { createSlot } from '../memo/slot.ts';
import type { Resource, ResourceType } from '../resource.ts';
import type { Work } from '../work.ts';
import { clusterResource } from './cluster.ts';
import { endpointResource } from './endpoint.ts';
import { grpcEndpointResource } from './grpc/endpoint.ts';
import { grpcResources } from './grpc/group.ts';
import { listenerResource } from './listener.ts';
import { routeTable } from './route.ts';
import { secretResource } from './secret.ts';
import { streamListenerResource } from './stream-listener.ts';

/**
 * All resources of a group but for its endpoints, which have a lane of their own (clients of gRPC have those of what cannot be resolved). The same
 * list of clusters for the same list of backends.
 */
export function* groupResources(group: Group): Work<Partial<Record<ResourceType, readonly Resource[]>>> {
  if (group.dialNames) return Object.groupBy(grpcResources(group, group.dialNames), ({ type }) => type);
  const clusters = yield* clustersOf(group.backends);
  const listeners = [...group.listeners.map(listenerResource), ...(group.streams ?? []).map(streamListenerResource)];
  const tables: Resource[] = [];
  for (const configuration of group.routeConfigurations) {
    const listener = group.listeners.find(({ filterChains }) => filterChains.some((chain) => chain.routeConfiguration === configuration.name));
    if (listener) tables.push(yield* routeTable(configuration, listener));
  }
  return { secrets: group.secrets.map(secretResource), clusters, listeners, routes: tables };
}

/** By the list of backends, which is the same in the next build where all of them are. */
const clusterLists = createSlot<Group['backends'], readonly Resource[]>();

function* clustersOf(backends: Group['backends']): Work<readonly Resource[]> {
  const known = clusterLists.get(backends);
  if (known) return known;
  const clusters: Resource[] = [];
  for (const backend of backends) {
    clusters.push(clusterResource(backend));
    yield;
  }
  clusterLists.set(backends, clusters);
  return clusters;
}

/** How the endpoints of a group, by its name, are written: gRPC clients read them in another way than Envoys. */
export function endpointEncoder(group: string): (set: EndpointSet) => Resource {
  return grpcGroupParts(group) ? grpcEndpointResource : endpointResource;
}
