import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { mirror as family } from '../../../nginx/family/mirror.ts';
import { urlBackend } from '../url-backend.ts';
import type { Feature } from './feature.ts';

/** Every request is copied to another service, whose answer nobody sees. */
export const mirror: Feature = (routes, { ingress, reading }, context) => {
  const config = reading.of(family);
  if (!config) return routes;
  const at = annotationOrigin(ingress, context.controller, 'mirror-target');
  const backend = urlBackend('mirror', config.host, config, at, context);
  if (!backend) return routes;
  context.collect(backend);
  const copy = { cluster: backend.name, numerator: 1, denominator: 1, host: config.hostHeader, origins: [at] };
  return routes.map((route) => (route.action.type === 'forward' ? { ...route, action: { ...route.action, mirrors: [...route.action.mirrors, copy] } } : route));
};
