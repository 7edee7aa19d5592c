import type { PlaceDatabases } from '../../ir/gateway.ts';
import { placesPlace } from '../../ir/names.ts';
import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

/** Headers in which the filter says what it found, for as long as it takes to read them; what a client writes there is taken away before. */
export const placeHeaders = { country: 'x-sluice-country', region: 'x-sluice-region', city: 'x-sluice-city', asn: 'x-sluice-asn' } as const;

type Place = keyof typeof placeHeaders;

/**
 * Looks up where clients come from, by the address that lists and limits see. Only where a database is named: Envoy refuses a listener whose database it
 * cannot open.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/geoip_filter
 */
export const geoip: Filter = {
  name: 'envoy.filters.http.geoip',
  chain: ({ places }) => {
    if (!places) return undefined;
    const { cityDatabase, asnDatabase } = places;
    const provider = typed('envoy.extensions.geoip_providers.maxmind.v3.MaxMindConfig', {
      ...(cityDatabase !== undefined && { city_db_path: cityDatabase }),
      ...(asnDatabase !== undefined && { isp_db_path: asnDatabase }),
      common_provider_config: { geo_headers_to_add: Object.fromEntries(placesIn(places).map((place) => [place, placeHeaders[place]])) },
    });
    return {
      config: typed('envoy.extensions.filters.http.geoip.v3.Geoip', { provider: { name: 'envoy.geoip_providers.maxmind', typed_config: provider } }),
      disabled: false,
    };
  },
  route: () => undefined,
};

/** Keeps what was found for routes and the access log, and out of what backends see. */
export const foundPlaces: Filter = {
  name: 'envoy.filters.http.header_to_metadata',
  chain: ({ places }) => {
    if (!places) return undefined;
    const rules = placesIn(places).map((key) => ({
      header: placeHeaders[key],
      on_header_present: { metadata_namespace: placesPlace, key },
      remove: true,
    }));
    return { config: typed('envoy.extensions.filters.http.header_to_metadata.v3.Config', { request_rules: rules }), disabled: false };
  },
  route: () => undefined,
};

/** What the databases tell. */
function placesIn({ cityDatabase, asnDatabase }: PlaceDatabases): readonly Place[] {
  return [...(cityDatabase === undefined ? [] : (['country', 'region', 'city'] as const)), ...(asnDatabase === undefined ? [] : (['asn'] as const))];
}
