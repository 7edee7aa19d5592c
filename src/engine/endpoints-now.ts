import type { EndpointOrigin, EndpointSet } from '../ir/backend.ts';
import { grpcGroupParts } from '../ir/names.ts';
import type { Resource } from '../resource.ts';
import { problems } from '../revision/check.ts';
import type { StoreView } from '../store/view.ts';
import { endpointSet } from '../translate/endpoints.ts';
import { endpointEncoder } from '../xds/group.ts';

/** The endpoints of an origin with the weights that they have at this moment: those that warm up have less. */
export type Weigh = (origin: EndpointOrigin, set: EndpointSet) => EndpointSet;

/**
 * The assignment of a cluster by the objects as they are now. Undefined: its Service or Backend is gone, so that nobody knows
 * better than what was known last, its endpoints are part of the cluster, or Envoy would refuse them.
 */
export function endpointsNow(view: StoreView, weigh: Weigh, group: string, cluster: string, origin: EndpointOrigin): Resource | undefined {
  if (origin.type === 'service' && !view.get('Service', origin.namespace, origin.service)) return undefined;
  if (origin.type === 'static' && !view.get('Backend', origin.namespace, origin.backend)) return undefined;
  const set = endpointSet(view, { name: cluster, endpoints: origin });
  // gRPC clients balance by no weight of an endpoint, unless by a ring of hashes.
  const made = set && endpointEncoder(group)(grpcGroupParts(group) ? set : weigh(origin, set));
  return made && problems(made).length === 0 ? made : undefined;
}
