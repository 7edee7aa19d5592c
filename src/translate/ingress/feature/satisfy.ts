import { satisfy as family } from '../../../nginx/family/satisfy.ts';
import type { Feature } from './feature.ts';

/** One of several checks is enough. */
export const satisfy: Feature = (routes, { reading }) => {
  if (reading.of(family) !== 'any') return routes;
  return routes.map((route) => (route.passwords || route.approval ? { ...route, isAnyEnough: true } : route));
};
