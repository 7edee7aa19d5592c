import type { Location, Server } from './location.ts';

/**
 * What a host name has no path for: ingress-nginx answers it with 404 as a location of its own, with all that the annotations of the oldest Ingress
 * of the host name say of redirects and of who may ask. Undefined: a path takes all, or nobody names the host.
 */
export function restLocation({ host, authority, order, first, hostField, locations }: Server): Location | undefined {
  const isNamed = (host !== '*' || authority !== undefined) && order >= 0;
  if (!isNamed || locations.some(({ path, pathType }) => path === '/' && pathType !== 'Exact')) return undefined;
  return { ...first, path: '/', pathType: 'Prefix', backend: {}, field: hostField, backendField: hostField, isRest: true };
}
