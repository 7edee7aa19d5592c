import { hashBy } from '../../nginx/family/hash-by.ts';
import { loadBalance } from '../../nginx/family/load-balance.ts';
import { serviceUpstream } from '../../nginx/family/service-upstream.ts';
import type { IngressReading } from '../../nginx/ingress-reading.ts';
import { backendNamespaceOf, type IngressBackend, type Location, type ReadIngress } from './location.ts';

/** What says how the endpoints of a Service are chosen, which ingress-nginx does once for a Service and a port. */
export const upstreamFamilies = [hashBy, loadBalance, serviceUpstream] as const;

type ServiceLocation = Pick<Location, 'ingress' | 'reading' | 'backend' | 'backendNamespace'>;

/** Whose annotations say how the endpoints of a location's Service are chosen. */
export type UpstreamReadingOf = (location: ServiceLocation) => IngressReading;

/** Where no Ingress says anything of it that others do not. */
export const ownReading: UpstreamReadingOf = ({ reading }) => reading;

/** A Service and its port as written: what ingress-nginx calls an upstream, and hangs canaries on. Undefined: no Service. */
export function upstreamOf(location: Pick<Location, 'ingress' | 'backend' | 'backendNamespace'>): string | undefined {
  const { service } = location.backend;
  return service && `${backendNamespaceOf(location)}/${service.name}/${service.port?.number ?? service.port?.name ?? ''}`;
}

/**
 * Finds for each location whose annotations say how its endpoints are chosen, as ingress-nginx does: those of the youngest Ingress that has its Service as
 * default backend, else of the oldest that has it behind a path, whatever host name that is for.
 * @param ingresses oldest first.
 * @param asking those of them that say something of it.
 */
export function upstreamReadings(ingresses: readonly ReadIngress[], asking: readonly ReadIngress[]): UpstreamReadingOf {
  if (asking.length === 0) return ownReading;
  const namespaces = new Set(asking.map(({ ingress }) => ingress.namespace));
  const readings = new Map<string, IngressReading>();
  for (const read of ingresses) {
    if (!namespaces.has(read.ingress.namespace)) continue;
    const { defaultBackend, rules } = read.ingress.object.spec;
    const keyOf = (backend: IngressBackend) => upstreamOf({ ...read, backend });
    const ofRest = defaultBackend && keyOf(defaultBackend);
    if (ofRest !== undefined) readings.set(ofRest, read.reading);
    for (const { backend } of (rules ?? []).flatMap(({ http }) => http?.paths ?? [])) {
      const key = keyOf(backend);
      if (key !== undefined && !readings.has(key)) readings.set(key, read.reading);
    }
  }
  return (location) => readings.get(upstreamOf(location) ?? '') ?? location.reading;
}
