import type { RouteAction } from '../../../ir/route.ts';
import { redirect as family } from '../../../nginx/family/redirect.ts';
import type { Feature } from './feature.ts';

/** Statuses that nginx sends with a Location; with others the URL is the text of the answer. */
const withLocation: readonly number[] = [301, 302, 303, 307, 308];

/** An answer of this status never has a text. */
const notModified = 304;

/** All requests are sent to one place, by HTTP too. */
export const redirect: Feature = (routes, { reading }) => {
  const config = reading.of(family);
  const to = config?.to;
  if (!to) return routes;
  const { status, url } = to;
  const server = url.startsWith('/') && !config.isRelative ? '{scheme}://{host}' : '';
  const action: RouteAction = withLocation.includes(status)
    ? { type: 'location', status, to: `${server}${url.replaceAll('{', '%7B').replaceAll('}', '%7D')}` }
    : { type: 'respond', status, ...(status !== notModified && { body: url }) };
  return routes.map(({ match }) => ({ match, action }));
};
