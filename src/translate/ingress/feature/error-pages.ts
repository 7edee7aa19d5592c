import { diagnostic } from '../../../diagnostic.ts';
import { noEndpoint } from '../../../ir/names.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { customHttpErrors } from '../../../nginx/family/custom-http-errors.ts';
import { defaultBackend } from '../../../nginx/family/default-backend.ts';
import { interceptedErrors } from '../../../nginx/family/intercepted-errors.ts';
import { defaultErrorBackend } from '../default-backend.ts';
import type { Location } from '../location.ts';
import type { Feature, FeatureContext } from './feature.ts';

/**
 * The default backend of an Ingress answers instead of a backend that has no endpoints, or that gives one of the statuses that the Ingress itself names. For
 * those of the setting, and where the Ingress names no backend, that of all Ingresses does; without endpoints, or without any, the answer is 404. Gives `BackendNotFound`, and what backends give.
 */
export const errorPages: Feature = (routes, location, context) => {
  const { reading, ingress, backend, isRest } = location;
  const { value } = context.controller;
  const ownStatuses = reading.of(customHttpErrors);
  const statuses = ownStatuses ?? value('custom-http-errors');
  // What no path takes has no backend that could fail, and its errors are for the default backend of all Ingresses.
  if (isRest && !statuses.includes(404)) return routes;
  const own = isRest ? undefined : clusterOf(location, context);
  const hasStandIn = own !== undefined || location.backendNamespace !== undefined;
  if (statuses.length === 0 && !hasStandIn) return routes;
  const ofAll = statuses.length > 0 ? defaultErrorBackend(context)?.name : undefined;
  if (isRest && ofAll === undefined) return routes;
  const { name: service = '', port } = backend.service ?? {};
  const pages = {
    clusters: [ownStatuses && own, ofAll].filter((cluster) => cluster !== undefined),
    statuses,
    sparesBackend: reading.of(interceptedErrors) ?? value('disable-proxy-intercept-errors'),
    ...(hasStandIn && { standIn: { ...(own !== undefined && { cluster: own }) } }),
    namespace: ingress.namespace,
    ingress: ingress.name,
    service,
    port: String(port?.number ?? port?.name ?? ''),
  };
  return routes.map((route) => {
    const { action } = route;
    // A Service that is not there is one without endpoints.
    const isLacking = hasStandIn && action.type === 'respond' && action.status === 503;
    return { ...route, errorPages: pages, ...(isLacking && { action: { ...action, body: noEndpoint } }) };
  });
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
