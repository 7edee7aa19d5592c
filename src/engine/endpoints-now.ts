import type { EndpointOrigin } from '../ir/backend.ts';
import type { Resource } from '../resource.ts';
import { problems } from '../revision/check.ts';
import type { StoreView } from '../store/view.ts';
import { endpointSet } from '../translate/endpoints.ts';
import { endpointEncoder } from '../xds/group.ts';

/**
 * The assignment of a cluster by the objects as they are now. Undefined: its Service or Backend is gone, so that nobody knows
 * better than what was known last, its endpoints are part of the cluster, or Envoy would refuse them.
 */
export function endpointsNow(view: StoreView, group: string, cluster: string, origin: EndpointOrigin): Resource | undefined {
  if (origin.type === 'service' && !view.get('Service', origin.namespace, origin.service)) return undefined;
  if (origin.type === 'static' && !view.get('Backend', origin.namespace, origin.backend)) return undefined;
  const set = endpointSet(view, { name: cluster, endpoints: origin });
  const made = set && endpointEncoder(group)(set);
  return made && problems(made).length === 0 ? made : undefined;
}
