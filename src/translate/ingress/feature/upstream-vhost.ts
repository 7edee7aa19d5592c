import { upstreamVhost as family } from '../../../nginx/family/upstream-vhost.ts';
import { requestText } from '../request-text.ts';
import type { Feature } from './feature.ts';

/** The backend sees another Host header. */
export const upstreamVhost: Feature = (routes, location, context) => {
  const written = location.reading.of(family);
  if (written === undefined) return routes;
  const host = requestText(written, location, context).join('');
  return routes.map((route) =>
    route.action.type === 'forward' ? { ...route, action: { ...route.action, rewrite: { ...route.action.rewrite, host } } } : route,
  );
};
