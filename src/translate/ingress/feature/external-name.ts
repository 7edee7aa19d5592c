import { backendNamespaceOf } from '../location.ts';
import type { Feature } from './feature.ts';

/** With `--disable-svc-external-name` a Service of the type ExternalName takes no requests. */
export const externalName: Feature = (routes, location, { view, controller }) => {
  const { backend } = location;
  if (controller.flags.servesExternalNames || backend.service === undefined) return routes;
  const service = view.get('Service', backendNamespaceOf(location), backend.service.name);
  if (service?.object.spec.type !== 'ExternalName') return routes;
  return routes.map((route) => (route.action.type === 'forward' ? { ...route, action: { type: 'respond', status: 503 } } : route));
};
