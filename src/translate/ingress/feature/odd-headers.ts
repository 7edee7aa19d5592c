import type { Feature } from './feature.ts';

/** nginx drops headers of requests whose names it does not take for such. What no path takes is nobody's who could see them. */
export const oddHeaders: Feature = (routes, { isRest }, { controller: { value } }) =>
  isRest || !value('ignore-invalid-headers') ? routes : routes.map((route) => ({ ...route, dropsOddHeaders: true }));
