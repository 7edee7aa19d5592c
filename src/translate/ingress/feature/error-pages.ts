import { diagnostic } from '../../../diagnostic.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { customHttpErrors } from '../../../nginx/family/custom-http-errors.ts';
import { defaultBackend } from '../../../nginx/family/default-backend.ts';
import { interceptedErrors } from '../../../nginx/family/intercepted-errors.ts';
import { defaultErrorBackend } from '../default-backend.ts';
import type { Location } from '../location.ts';
import type { Feature, FeatureContext } from './feature.ts';

/**
 * The default backend of an Ingress answers instead of a backend that has no endpoints, or that gives one of some statuses; for these the one of all Ingresses
 * where it names none. Where that has no endpoints itself the answer is 404. Gives `BackendNotFound`, and what backends give.
 */
export const errorPages: Feature = (routes, location, context) => {
  const { reading, ingress, backend, isRest } = location;
  const { value } = context.controller;
  const passes = reading.of(interceptedErrors) ?? value('disable-proxy-intercept-errors');
  const statuses = passes ? [] : (reading.of(customHttpErrors) ?? value('custom-http-errors'));
  // What no path takes has no backend that could fail.
  if (isRest && !statuses.includes(404)) return routes;
  const own = clusterOf(location, context);
  const takesOver = own !== undefined || location.backendNamespace !== undefined;
  if (statuses.length === 0 && !takesOver) return routes;
  const cluster = own ?? (statuses.length > 0 ? defaultErrorBackend(context)?.name : undefined);
  if (isRest && cluster === undefined) return routes;
  const { name: service = '', port } = backend.service ?? {};
  const pages = {
    ...(cluster !== undefined && { cluster }),
    statuses,
    takesOver,
    namespace: ingress.namespace,
    ingress: ingress.name,
    service,
    port: String(port?.number ?? port?.name ?? ''),
  };
  return routes.map((route) => (route.action.type === 'forward' || isRest ? { ...route, errorPages: pages } : route));
};

/** Undefined: none is named, or it is not there, which ingress-nginx passes over. */
function clusterOf({ ingress, reading }: Location, { view, controller, resolver, collect, report }: FeatureContext): string | undefined {
  const name = reading.of(defaultBackend);
  if (name === undefined) return undefined;
  const at = annotationOrigin(ingress, controller, 'default-backend');
  const port = view.get('Service', ingress.namespace, name)?.object.spec.ports?.[0]?.port;
  if (port === undefined) {
    const message = `The default backend, Service ${ingress.namespace}/${name}, does not exist or has no port, so errors are told as if there were none.`;
    report(diagnostic('BackendNotFound', at, message, 'Create it, or remove the annotation.'));
    return undefined;
  }
  const backend = resolver.resolve({ kind: 'Service', namespace: ingress.namespace, name, port }, { grpc: false, at });
  if (backend) collect(backend);
  return backend?.name;
}
