import type { Controller } from '../../../nginx/controller.ts';
import type { Feature } from './feature.ts';

/** Browsers are told to come by HTTPS from now on, by host names that have a certificate of their own. */
export const strictTransport: Feature = (routes, _location, { port, hasTls, controller }) => {
  const text = hasTls && port().scheme === 'https' ? strictTransportOf(controller) : undefined;
  return text === undefined ? routes : routes.map((route) => ({ ...route, strictTransport: text }));
};

/** The value of Strict-Transport-Security. Undefined: it is not said. */
export function strictTransportOf({ value }: Controller): string | undefined {
  if (!value('hsts')) return undefined;
  const parts = [`max-age=${value('hsts-max-age')}`, value('hsts-include-subdomains') && 'includeSubDomains', value('hsts-preload') && 'preload'];
  return parts.filter((part) => part !== false).join('; ');
}
