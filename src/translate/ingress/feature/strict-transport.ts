import type { Feature } from './feature.ts';

/** Browsers are told to come by HTTPS from now on, by host names that have a certificate of their own. */
export const strictTransport: Feature = (routes, _location, { port, hasTls, controller: { value } }) => {
  if (!hasTls || !value('hsts') || port().scheme !== 'https') return routes;
  const parts = [`max-age=${value('hsts-max-age')}`, value('hsts-include-subdomains') && 'includeSubDomains', value('hsts-preload') && 'preload'];
  const text = parts.filter((part) => part !== false).join('; ');
  return routes.map((route) => ({ ...route, strictTransport: text }));
};
