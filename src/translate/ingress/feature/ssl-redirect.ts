import type { LocationAction } from '../../../ir/route.ts';
import { portInRedirects } from '../../../nginx/family/port-in-redirects.ts';
import { rewrite } from '../../../nginx/family/rewrite.ts';
import type { Location } from '../location.ts';
import { isSpared } from '../spared.ts';
import type { Feature, FeatureContext, IngressPort, LocationRoute } from './feature.ts';

/**
 * Plain HTTP is redirected to HTTPS where the host name has a certificate or the Ingress forces it, but for the locations of
 * `no-tls-redirect-locations`. Where X-Forwarded-Proto may differ from the connection, what it says is what the client came by.
 */
export const sslRedirect: Feature = (routes, location, context) => {
  if (!isAsked(location, context)) return routes;
  const port = context.port();
  const { scheme } = port;
  const believesHeader = mayDiffer(port);
  if (scheme === 'https' && !believesHeader) return routes;
  const action = toHttps(location, context);
  const redirected = routes.map((route): LocationRoute => ({ match: route.match, action }));
  if (!believesHeader) return redirected;
  const forwarded = (route: LocationRoute, value?: string): LocationRoute => {
    const header = { name: 'x-forwarded-proto', ...(value === undefined ? ({ type: 'present' } as const) : ({ type: 'exact', value } as const)) };
    return { ...route, match: { ...route.match, headers: [...route.match.headers, header] } };
  };
  const plain = redirected.map((route) => forwarded(route, 'http'));
  return scheme === 'https' ? [...plain, ...routes] : [...plain, ...routes.map((route) => forwarded(route)), ...redirected];
};

/** A trusted proxy says it, or Envoy by the port of the PROXY header. */
function mayDiffer({ clientAddress, scheme }: IngressPort): boolean {
  if (clientAddress.mode === 'Peer') return false;
  if (clientAddress.mode === 'XForwardedFor' && clientAddress.believesOthers) return true;
  const hasPort = clientAddress.mode === 'ProxyProtocol' ? !clientAddress.optional : clientAddress.proxyHeader !== undefined;
  return scheme === 'http' && hasPort;
}

function isAsked(location: Location, { hasTls, controller }: FeatureContext): boolean {
  const { forcesTls, redirectsToTls } = location.reading.of(rewrite) ?? { forcesTls: false, redirectsToTls: true };
  return (forcesTls || (redirectsToTls && hasTls)) && !isSpared(location, controller, 'no-tls-redirect-locations');
}

function toHttps({ reading }: Location, { controller }: FeatureContext): LocationAction {
  const port = reading.of(portInRedirects) ? ':443' : '';
  const target = reading.of(rewrite)?.keepsLastSlash ? '{target}' : '{cut}';
  const host = controller.value('use-forwarded-headers') ? '{saidHost}' : '{host}';
  return { type: 'location', status: controller.value('http-redirect-code'), to: `https://${host}${port}${target}` };
}
