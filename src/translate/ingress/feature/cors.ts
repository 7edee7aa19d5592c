import type { AnswerHeader, RouteMatch } from '../../../ir/route.ts';
import { cors as family, type NginxCors } from '../../../nginx/family/cors.ts';
import { quoted } from '../../regex.ts';
import type { Feature, LocationRoute } from './feature.ts';

/**
 * Browsers of other origins. As nginx does it: an `OPTIONS` of an allowed origin is answered at once, whether it is a preflight or not, and
 * every answer to an allowed origin has the headers, refusals and errors too. Foreign origins go on as if nothing were said.
 */
export const cors: Feature = (routes, { reading }) => {
  const config = reading.of(family);
  if (!config || config.origins.length === 0) return routes;
  const everyOrigin = config.origins[0] === '*';
  const headers = headersOf(config);
  const origin = { name: 'origin', type: 'regex', value: originExpression(config.origins) } as const;
  const ofOrigin = (match: RouteMatch): RouteMatch => (everyOrigin ? match : { ...match, headers: [...match.headers, origin] });
  return routes.flatMap((route) => {
    const match = ofOrigin(route.match);
    const answered: LocationRoute = { ...route, match, answerHeaders: [...(route.answerHeaders ?? []), ...headers] };
    const withHeaders = everyOrigin ? [answered] : [answered, route];
    if (match.method !== undefined && match.method !== 'OPTIONS') return withHeaders;
    return [{ match: { ...match, method: 'OPTIONS' }, action: { type: 'respond', status: 204 }, answerHeaders: headers }, ...withHeaders];
  });
};

/** `*.` is one label; what stands before an origin is passed over, as ingress-nginx does. */
function originExpression(origins: readonly string[]): string {
  return `(?i).*(?:${origins.map((one) => quoted(one).replace('\\*', '[A-Za-z0-9\\-]+')).join('|')})`;
}

function headersOf({ origins, allowsCredentials, methods, headers, exposedHeaders, maxAgeSeconds }: NginxCors): readonly AnswerHeader[] {
  const origin = 'access-control-allow-origin';
  return [
    origins[0] === '*' ? { name: origin, value: '*' } : { name: origin, ofRequest: 'origin' },
    ...(allowsCredentials ? [{ name: 'access-control-allow-credentials', value: 'true' }] : []),
    { name: 'access-control-allow-methods', value: methods },
    { name: 'access-control-allow-headers', value: headers },
    ...(exposedHeaders === undefined ? [] : [{ name: 'access-control-expose-headers', value: exposedHeaders }]),
    { name: 'access-control-max-age', value: String(maxAgeSeconds) },
  ];
}
