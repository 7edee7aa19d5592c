import type { Endpoint, EndpointSet } from '../ir/backend.ts';
import { memoized } from '../memo/memoized.ts';
import type { Message } from '../proto/message.ts';
import { uint32 } from '../proto/values.ts';
import { endpointMetadata, type Resource } from '../resource.ts';
import { resource } from './encode.ts';

/**
 * The endpoints of a cluster, as it asks for them by EDS. Without endpoints it is empty, and requests are answered with 503.
 * The same object for the same set, as most are the same in the next build.
 */
export const endpointResource = memoized(
  (set: EndpointSet): Resource => resource('endpoints', set.cluster, { cluster_name: set.cluster, endpoints: localities(set.endpoints) }, set.origins),
);

/** Nothing for Envoy: a split reads it, as what only ends is no reason to send more there. */
const ending = { filter_metadata: { [endpointMetadata]: { fields: { ending: { boolValue: true } } } } };

/**
 * Endpoints by zone, zones in order; those without a zone are first. Localities have no weights: unless a cluster prefers its own
 * zone, requests are spread over all endpoints alike.
 */
export function localities(endpoints: readonly Endpoint[]): Message<'envoy.config.endpoint.v3.LocalityLbEndpoints'>[] {
  const zones = [...Map.groupBy(endpoints, ({ zone }) => zone ?? '')].sort(([a], [b]) => (a < b ? -1 : 1));
  return zones.map(([zone, members]) => ({
    ...(zone === '' ? {} : { locality: { zone } }),
    lb_endpoints: members.map((endpoint) => ({
      endpoint: { address: { socket_address: { address: endpoint.address, port_value: endpoint.port } } },
      health_status: endpoint.health === 'draining' ? 'DRAINING' : 'HEALTHY',
      load_balancing_weight: uint32(endpoint.weight),
      ...(endpoint.isEnding && { metadata: ending }),
    })),
  }));
}
