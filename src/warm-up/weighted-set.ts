import type { Endpoint, EndpointSet } from '../ir/backend.ts';

/** An aged endpoint: percents are the weights that are sent while some have less, as weights are whole numbers. */
const full = 100;

/**
 * A set in which each endpoint's weight is multiplied with its share. The same set where all shares are alike, as weights are
 * relative: so what is sent does not change while nobody is young, or all are equally.
 *
 * Where Envoys prefer their own zone, endpoints of a zone that has only young ones are written without it: they would get all
 * requests of that zone, whatever their weight. Where no zone has an aged one, nothing is left to go to instead, and zones stay.
 * @param shareOf percent of its full weight, 1 to 100.
 * @param prefersZone whether Envoys prefer endpoints of their own zone.
 */
export function weightedSet(set: EndpointSet, shareOf: (endpoint: Endpoint) => number, prefersZone: boolean): EndpointSet {
  const healthy = set.endpoints.filter(({ health }) => health === 'healthy');
  const [first] = healthy;
  if (!first || healthy.every((endpoint) => shareOf(endpoint) === shareOf(first))) return set;
  const agedZones = new Set(healthy.filter((endpoint) => shareOf(endpoint) === full).map(({ zone }) => zone));
  const isLeftOut = ({ zone }: Endpoint): boolean => prefersZone && agedZones.size > 0 && !agedZones.has(zone);
  return {
    ...set,
    endpoints: set.endpoints.map((endpoint) => {
      const { zone, ...rest } = endpoint;
      const weighted = { ...rest, weight: endpoint.weight * shareOf(endpoint) };
      return zone === undefined || isLeftOut(endpoint) ? weighted : { ...weighted, zone };
    }),
  };
}
