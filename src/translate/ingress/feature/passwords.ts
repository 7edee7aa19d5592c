import { basicAuth } from '../../../nginx/family/basic-auth.ts';
import { authzBackend } from '../authz.ts';
import type { Feature } from './feature.ts';

/** Clients must have a password, which the backend does not see. Redirects are given to everybody, as nginx does. */
export const passwords: Feature = (routes, { reading }, { authz, collect }) => {
  const wanted = reading.of(basicAuth);
  if (!wanted) return routes;
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
