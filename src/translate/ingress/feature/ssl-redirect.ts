import type { RedirectAction } from '../../../ir/route.ts';
import type { Feature } from './feature.ts';

/** As ingress-nginx: method and body are kept. */
const toHttps: RedirectAction = { type: 'redirect', scheme: 'https', port: 443, status: 308 };

/** Where certificate authorities look by plain HTTP before there is a certificate. @see https://www.rfc-editor.org/rfc/rfc8555#section-8.3 */
const challengePrefix = '/.well-known/acme-challenge/';

/** A host name with TLS, on whichever Ingress, redirects HTTP to HTTPS, but for challenges of ACME. */
export const sslRedirect: Feature = (routes, _location, { scheme, hasTls }) => {
  if (scheme === 'https' || !hasTls) return routes;
  return routes.map((route) => (route.match.path.value.startsWith(challengePrefix) ? route : { ...route, action: toHttps }));
};
