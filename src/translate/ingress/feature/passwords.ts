import { basicAuth } from '../../../nginx/family/basic-auth.ts';
import { authzBackend } from '../authz.ts';
import { isSpared } from '../spared.ts';
import type { Feature } from './feature.ts';

/** Clients must have a password, which the backend does not see, but for the paths that the controller spares. Redirects are given to everybody, as nginx does. */
export const passwords: Feature = (routes, location, { controller, authz, collect }) => {
  const wanted = location.reading.of(basicAuth);
  if (!wanted || isSpared(location, controller, 'no-auth-locations')) return routes;
  const backend = authzBackend(authz);
  collect(backend);
  const users = authz.sealing.seal(`htpasswd\n${wanted.htpasswd}`);
  return routes.map((route) => {
    if (route.action.type === 'location') return route;
    const { set = [], add = [], remove = [] } = route.requestHeaders ?? {};
    return {
      ...route,
      passwords: { cluster: backend.name, users, realm: wanted.realm },
      requestHeaders: { set, add, remove: [...remove, 'authorization'] },
    };
  });
};
