import type { EndpointSet } from '../../ir/backend.ts';
import { memoized } from '../../memo/memoized.ts';
import type { Message } from '../../proto/message.ts';
import { uint32 } from '../../proto/values.ts';
import type { Resource } from '../../resource.ts';
import { resource } from '../encode.ts';
import { localities } from '../endpoint.ts';

/**
 * The endpoints of a cluster for gRPC clients: they refuse a locality without a name, and leave out one without a weight. The
 * weight is that of its healthy endpoints, so that zones share the calls as their endpoints would. The same object for the same set.
 * @see https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export const grpcEndpointResource = memoized((set: EndpointSet): Resource => resource('endpoints', set.cluster, messageOf(set), set.origins));

function messageOf({ cluster, endpoints }: EndpointSet): Message<'envoy.config.endpoint.v3.ClusterLoadAssignment'> {
  const weights = new Map<string, number>();
  for (const { zone = '', weight, health } of endpoints) if (health === 'healthy') weights.set(zone, (weights.get(zone) ?? 0) + weight);
  return {
    cluster_name: cluster,
    endpoints: localities(endpoints).map((locality) => {
      const weight = weights.get(locality.locality?.zone ?? '');
      return { ...locality, locality: locality.locality ?? {}, ...(weight !== undefined && { load_balancing_weight: uint32(weight) }) };
    }),
  };
}
