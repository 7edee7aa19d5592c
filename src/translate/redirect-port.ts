import type { Route } from '../ir/route.ts';
import type { GroupPort } from './group-port.ts';

const wellKnown = { http: 80, https: 443 } as const;

/**
 * The route as it stands on a port: a redirect without a port leads to the usual port of its scheme, or where it has no scheme
 * either to the port of the listener; a usual port is not written.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter
 */
export function redirectAt(route: Route, { port, protocol }: Pick<GroupPort, 'port' | 'protocol'>): Route {
  const { action } = route;
  if (action.type !== 'redirect') return route;
  const { port: asked, ...rest } = action;
  const scheme = action.scheme ?? (protocol === 'HTTPS' ? 'https' : 'http');
  const target = asked ?? (action.scheme === undefined ? port : wellKnown[action.scheme]);
  // Without a host of its own the redirect keeps the request's, which may hold another port: what the user asked for is written then.
  const isImplied = target === wellKnown[scheme] && (asked === undefined || action.host !== undefined);
  return { ...route, action: isImplied ? rest : { ...rest, port: target } };
}
