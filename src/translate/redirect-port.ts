import type { Route } from '../ir/route.ts';
import type { GroupPort } from './group-port.ts';

const wellKnown = { http: 80, https: 443 } as const;

/**
 * The route as it stands on a port: a redirect without a port leads to the usual port of its scheme, or where it has no scheme
 * either to the port of the listener.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter
 */
export function redirectAt(route: Route, { port }: Pick<GroupPort, 'port'>): Route {
  const { action } = route;
  if (action.type !== 'redirect' || action.port !== undefined) return route;
  return { ...route, action: { ...action, port: action.scheme === undefined ? port : wellKnown[action.scheme] } };
}
