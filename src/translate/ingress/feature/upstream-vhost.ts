import { upstreamVhost as family } from '../../../nginx/family/upstream-vhost.ts';
import type { Feature } from './feature.ts';

/** The backend sees another Host header. */
export const upstreamVhost: Feature = (routes, { reading }) => {
  const host = reading.of(family);
  if (host === undefined) return routes;
  return routes.map((route) =>
    route.action.type === 'forward' ? { ...route, action: { ...route.action, rewrite: { ...route.action.rewrite, host } } } : route,
  );
};
