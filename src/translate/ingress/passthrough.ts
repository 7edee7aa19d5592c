import { diagnostic, type Report } from '../../diagnostic.ts';
import { annotationOrigin } from '../../nginx/annotation-origin.ts';
import { sslPassthrough } from '../../nginx/family/ssl-passthrough.ts';
import { serverChain } from '../gateway.ts';
import type { GroupPort } from '../group-port.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Server } from './location.ts';

/**
 * Connections that ask for a host name with `ssl-passthrough` go to the Service of its path `/` as they come, in the place of what ends TLS there. The Ingress that
 * names the host name first decides. Whoever gets to the host name by a connection for another one, or by port 80, finds its paths as those of any other. As
 * ingress-nginx compares names as they are written, a wildcard is never passed on.
 * Gives `AnnotationIgnored`, `ListenerConflict`, and what backends give.
 */
export function passTlsThrough(
  servers: readonly Server[],
  port: GroupPort,
  { view, resolver, controller, report }: Pick<FeatureContext, 'view' | 'resolver' | 'controller'> & { readonly report: Report },
): void {
  for (const { host, first, locations } of servers) {
    if (!first.reading.of(sslPassthrough)) continue;
    const at = annotationOrigin(first.ingress, controller, 'ssl-passthrough');
    const ignored = (why: string): void =>
      report(diagnostic('AnnotationIgnored', at, `TLS for ${host} is not passed on, as behind ingress-nginx: ${why}.`, 'Mend it, or remove the annotation.'));
    if (host.startsWith('*')) {
      ignored('a wildcard is no name that a connection asks for');
      continue;
    }
    if (port.listeners.some(({ hostname }) => hostname === host)) {
      const message = `A Gateway already ends TLS for ${host} on port ${port.port}, so it is not passed on.`;
      report(diagnostic('ListenerConflict', at, message, 'Use another host name for one of the two.'));
      continue;
    }
    const location = locations.find(({ path }) => path === '/');
    const service = location?.backend.service;
    const number = service?.port?.number || service?.port?.name;
    if (!location || !service || !number) {
      ignored('it has no path `/` with a Service');
      continue;
    }
    const { namespace } = location.ingress;
    if (!view.get('Service', namespace, service.name)) {
      ignored(`there is no Service ${namespace}/${service.name}`);
      continue;
    }
    const backend = resolver.resolve({ kind: 'Service', namespace, name: service.name, port: number }, { grpc: false, at });
    if (!backend) continue;
    port.backends.push(backend);
    port.chains.set(host, serverChain(port, host, { passesTo: backend.name }, { origin: () => at }));
  }
}
