import { allowlist } from '../../../nginx/family/allowlist.ts';
import { denylist } from '../../../nginx/family/denylist.ts';
import type { Feature } from './feature.ts';

/** Clients that are let in or kept out by their address, or by who they say they are. A redirect is given to everybody, as nginx does. */
export const access: Feature = (routes, { reading }, { blocking }) => {
  const allowed = reading.of(allowlist);
  const denied = [...(reading.of(denylist) ?? []), ...blocking.cidrs];
  if (!allowed && denied.length === 0 && blocking.headers.length === 0) return routes;
  const rules = { denied, deniedHeaders: blocking.headers, ...(allowed ? { allowed } : {}) };
  return routes.map((route) => (route.action.type === 'location' ? route : { ...route, access: rules }));
};
