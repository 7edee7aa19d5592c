import { customHeaders as family } from '../../../nginx/family/custom-headers.ts';
import type { Feature } from './feature.ts';

/** Every answer of the location has some headers, whoever gives it. */
export const customHeaders: Feature = (routes, { reading }) => {
  const headers = reading.of(family)?.headers ?? [];
  if (headers.length === 0) return routes;
  return routes.map((route) => ({ ...route, answerHeaders: [...(route.answerHeaders ?? []), ...headers] }));
};
