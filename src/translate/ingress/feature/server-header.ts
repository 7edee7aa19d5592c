import type { Feature } from './feature.ts';

/** Clients do not learn what the backend is: nginx takes its Server header away, and has none itself unless `server-tokens` says so. */
export const serverHeader: Feature = (routes, _location, { controller: { value } }) => {
  if (value('server-tokens')) return routes;
  return routes.map((route) => (route.action.type === 'forward' ? { ...route, hidesServer: true } : route));
};
