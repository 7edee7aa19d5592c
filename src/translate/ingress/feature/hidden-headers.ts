import type { Feature } from './feature.ts';

/** Words of backends to nginx itself, of which clients hear nothing. @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header */
const forNginx: readonly string[] = ['x-accel-buffering', 'x-accel-charset', 'x-accel-expires', 'x-accel-limit-rate', 'x-accel-redirect', 'x-pad'];

/** Clients do not learn what the backend is: nginx has no Server header itself unless `server-tokens` says so. */
const withServer: readonly string[] = ['server', ...forNginx];

/** What nginx takes away from the answers of backends. */
export const hiddenHeaders: Feature = (routes, _location, { controller: { value } }) => {
  const names = value('server-tokens') ? forNginx : withServer;
  return routes.map((route) => (route.action.type === 'forward' || route.errorPages ? { ...route, hiddenHeaders: names } : route));
};
