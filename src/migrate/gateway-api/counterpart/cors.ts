import { httpRouteFilters } from '../../../kind/gateway/filters.ts';
import { cors as family, type NginxCors } from '../../../nginx/family/cors.ts';
import type { IngressReading } from '../../../nginx/ingress-reading.ts';
import type { Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** Which pages of other origins may call: a CORS filter. */
export const cors: Counterpart = {
  names: ['cors-allow-credentials', 'cors-allow-headers', 'cors-allow-methods', 'cors-allow-origin', 'cors-expose-headers', 'cors-max-age', 'enable-cors'],
  obstacle({ reading }) {
    const config = reading.of(family);
    if (config && !isAny(config) && config.origins.some((origin) => origin.includes('*')))
      return 'cors-allow-origin takes one label for *, and a CORS filter any number';
    return httpRouteFilters.safeParse(corsFilters(reading)).success ? undefined : 'its CORS has values that a CORS filter does not take';
  },
  told({ reading }) {
    const config = reading.of(family);
    if (!config || config.origins.length === 0) return [];
    return [
      'preflights are answered with 200, and any other OPTIONS reaches the backend',
      'Access-Control-Allow-Methods, -Allow-Headers and -Max-Age come with preflights alone',
      'redirects, and the 404 for what no path takes, have no headers of CORS',
      ...(isAny(config)
        ? ['Access-Control-Allow-Origin names the origin, without Access-Control-Allow-Credentials, as browsers send no credentials for *']
        : []),
    ];
  },
};

/** The filter of an Ingress, or none. */
export function corsFilters(reading: IngressReading): readonly Written[] {
  const config = reading.of(family);
  if (!config || config.origins.length === 0) return [];
  const { origins, allowsCredentials, methods, headers, exposedHeaders = '', maxAgeSeconds } = config;
  const filter = {
    // Browsers write origins in lower case.
    allowOrigins: origins.map((origin) => origin.toLowerCase()),
    ...(mayHaveCredentials(config) && { allowCredentials: allowsCredentials }),
    allowMethods: namesOf(methods),
    allowHeaders: namesOf(headers),
    exposeHeaders: namesOf(exposedHeaders),
    maxAge: maxAgeSeconds,
  };
  return [{ type: 'CORS', cors: filter }];
}

/** Headers, in lower case, that must not come from the backend: the filter names the origin where nginx says `*`, for which browsers take no credentials. */
export function withheldByCors(reading: IngressReading): readonly string[] {
  const config = reading.of(family);
  return config && isAny(config) ? ['access-control-allow-credentials'] : [];
}

function mayHaveCredentials(config: NginxCors): boolean {
  return config.allowsCredentials && !isAny(config);
}

function isAny({ origins }: NginxCors): boolean {
  return origins[0] === '*';
}

function namesOf(list: string): readonly string[] {
  return list.split(/[,\s]+/).filter((name) => name !== '');
}
