import { answerPlaces as family } from '../../../nginx/family/answer-places.ts';
import { redirect } from '../../../nginx/family/redirect.ts';
import type { Feature } from './feature.ts';

/**
 * The Location, the Refresh and the cookies of the backend are changed where they name it in its own words. nginx makes a URL of a Location that has become a path;
 * of a host name that is not written it stays a path.
 */
export const answerPlaces: Feature = (routes, { reading }, { server: { host }, port }) => {
  const places = reading.of(family);
  if (!places) return routes;
  const { location } = places;
  const becomesUrl = location?.to.startsWith('/') && !reading.of(redirect)?.isRelative && !host.startsWith('*');
  const changed = location && becomesUrl ? { ...location, to: `${port().scheme}://${host}${location.to}` } : location;
  const answerPlaces = { ...places, ...(location && changed && { location: changed, refresh: location }) };
  return routes.map((route) => (route.action.type === 'forward' ? { ...route, answerPlaces } : route));
};
