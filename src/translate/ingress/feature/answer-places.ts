import { answerPlaces as family } from '../../../nginx/family/answer-places.ts';
import type { Feature } from './feature.ts';

/** The Location and the cookies of the backend are changed where they name it in its own words. */
export const answerPlaces: Feature = (routes, { reading }) => {
  const places = reading.of(family);
  return places ? routes.map((route) => (route.action.type === 'forward' ? { ...route, answerPlaces: places } : route)) : routes;
};
