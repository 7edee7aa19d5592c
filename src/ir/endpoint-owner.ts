import type { EndpointOrigin } from './backend.ts';
import { backendName } from './names.ts';

/**
 * The object whose endpoints are sent: `NAMESPACE/SERVICE`, `NAMESPACE/backend:NAME` for a Backend, as no Service has such a name.
 * Undefined: they are part of the cluster.
 */
export function ownerOf(origin: EndpointOrigin): string | undefined {
  if (origin.type === 'service') return `${origin.namespace}/${origin.service}`;
  return origin.type === 'static' ? `${origin.namespace}/backend:${origin.backend}` : undefined;
}

/** Names the endpoints of one port of an owner, for all clusters of all groups that send requests to them. Undefined: they are part of the cluster. */
export function poolOf(origin: EndpointOrigin): string | undefined {
  if (origin.type === 'service') return backendName(origin.namespace, origin.service, origin.port);
  return origin.type === 'static' ? backendName(origin.namespace, `backend:${origin.backend}`, origin.port) : undefined;
}
