import type { Controller } from './controller.ts';

/** What is known of where a client comes from. */
export type Place = 'country' | 'region' | 'city' | 'asn';

/** Databases that are named, for which a setting asks. */
interface Databases {
  readonly cityDatabase?: string;
  readonly asnDatabase?: string;
}

const variables: Readonly<Record<string, { readonly place: Place; readonly setting: 'use-geoip' | 'use-geoip2' }>> = {
  geoip_city: { place: 'city', setting: 'use-geoip' },
  geoip_city_country_code: { place: 'country', setting: 'use-geoip' },
  geoip_country_code: { place: 'country', setting: 'use-geoip' },
  geoip_region: { place: 'region', setting: 'use-geoip' },
  geoip2_asn: { place: 'asn', setting: 'use-geoip2' },
  geoip2_city: { place: 'city', setting: 'use-geoip2' },
  geoip2_city_country_code: { place: 'country', setting: 'use-geoip2' },
  geoip2_region_code: { place: 'region', setting: 'use-geoip2' },
};

/** The place that a variable of nginx names. Undefined: none. */
export function placeIn(variable: string): Place | undefined {
  return Object.hasOwn(variables, variable) ? variables[variable]?.place : undefined;
}

/** Whether a variable names a place that is looked up. */
export function knowsPlace(controller: Controller, variable: string): boolean {
  const databases = placeDatabases(controller);
  const known = placeIn(variable) && variables[variable];
  if (!databases || !known || !controller.value(known.setting)) return false;
  return (known.place === 'asn' ? databases.asnDatabase : databases.cityDatabase) !== undefined;
}

/** Undefined: none is named, or nobody asks for it. */
export function placeDatabases({ flags: { cityDatabase, asnDatabase }, value }: Controller): Databases | undefined {
  if (!value('use-geoip') && !value('use-geoip2')) return undefined;
  if (cityDatabase === undefined && asnDatabase === undefined) return undefined;
  return { ...(cityDatabase !== undefined && { cityDatabase }), ...(asnDatabase !== undefined && { asnDatabase }) };
}

/** Whether a setting has no effect, as nobody says where the databases are. */
export function lacksDatabases(controller: Controller, key: string): boolean {
  return (key === 'use-geoip' || key === 'use-geoip2') && controller.value(key) && !placeDatabases(controller);
}
