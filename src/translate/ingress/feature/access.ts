import { allowlist } from '../../../nginx/family/allowlist.ts';
import { denylist } from '../../../nginx/family/denylist.ts';
import type { Feature } from './feature.ts';

/**
 * Clients that are let in or kept out by their address. A path with a list of its own does not have that of all, as nginx inherits lists only where there is none.
 * A redirect is given to everybody, as nginx does.
 */
export const access: Feature = (routes, { reading }, { blocking }) => {
  const allowed = reading.of(allowlist);
  const denied = reading.of(denylist) ?? (allowed ? [] : blocking.cidrs);
  if (!allowed && denied.length === 0) return routes;
  const rules = { denied, ...(allowed ? { allowed } : {}) };
  return routes.map((route) => (route.action.type === 'location' ? route : { ...route, access: rules }));
};
