import { accessLog as family } from '../../../nginx/family/access-log.ts';
import type { Location } from '../location.ts';
import type { RouteWord } from '../log-format.ts';
import type { Feature } from './feature.ts';

/** Requests of the location are not logged, or with words about it. */
export const accessLog: Feature = (routes, location, { logWords }) => {
  if (location.reading.of(family)) return routes.map((route) => ({ ...route, log: 'off' }));
  if (logWords.length === 0) return routes;
  const words = Object.fromEntries(logWords.map((word) => [word, wordOf[word](location)]));
  return routes.map((route) => ({ ...route, log: words }));
};

/** As ingress-nginx sets its variables. */
export const wordOf: Readonly<Record<RouteWord, (location: Location) => string>> = {
  namespace: ({ ingress }) => ingress.namespace,
  ingress_name: ({ ingress }) => ingress.name,
  service_name: ({ backend }) => backend.service?.name ?? '',
  service_port: portOf,
  location_path: ({ path, writtenPath = path }) => writtenPath,
  proxy_upstream_name: (location) => `${location.ingress.namespace}-${location.backend.service?.name ?? ''}-${portOf(location)}`,
};

function portOf({ backend }: Location): string {
  const port = backend.service?.port;
  return String(port?.name ?? port?.number ?? '');
}
