import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { plainBackend } from './plain-backend.ts';
import { effectivePolicy } from './policy/policy.ts';
import { protocolOf } from './policy/protocol.ts';
import { requestPorts, type ServicePort } from './service-port.ts';

/** Port on which calls come in unless the Sidecar says otherwise. */
const defaultInboundPort = 15006;

/** One port on which calls to the application come in. */
export interface Inbound {
  readonly port: number;
  /** The application. */
  readonly backend: Backend;
  readonly origin: Origin;
}

/**
 * Where calls to the application come in, and where the application is. Its cluster has neither retries nor ejection: callers
 * have these, and there is no other endpoint to go to.
 * Gives `SidecarServiceNotFound` where the Service is missing that would say where the application is.
 */
export function inboundOf(view: StoreView, sidecar: Stored<'Sidecar'>, report: Report): readonly Inbound[] {
  const { service: name, inbound } = sidecar.object.spec;
  const service = view.get('Service', sidecar.namespace, name);
  if (!service) {
    const consequence = inbound === undefined ? ', so it has no inbound listener' : ', so only what the Sidecar says itself is served';
    const message = `There is no Service ${sidecar.namespace}/${name}${consequence}.`;
    report(diagnostic('SidecarServiceNotFound', sidecar.origin(['spec', 'service']), message, 'Create the Service, or write `inbound`.'));
  }
  const ports = service ? requestPorts(service) : [];
  if (inbound !== undefined) {
    return inbound.map(({ port, to }, index) => {
      const colon = to.lastIndexOf(':');
      const address = to.slice(0, colon).replace(/^\[|\]$/g, '');
      const applicationPort = Number(to.slice(colon + 1));
      const servicePort = ports.find((one) => targetPort(view, sidecar, one) === applicationPort) ?? ports[0];
      return entry(port, address, applicationPort, servicePort, sidecar.origin(['spec', 'inbound', index]));
    });
  }
  const [first] = ports;
  return first ? [entry(defaultInboundPort, '127.0.0.1', targetPort(view, sidecar, first), first, sidecar.origin())] : [];
}

function entry(port: number, address: string, applicationPort: number, servicePort: ServicePort | undefined, origin: Origin): Inbound {
  const protocol = protocolOf({ policy: effectivePolicy([]), report: () => {} }, servicePort?.appProtocol);
  const backend = plainBackend({
    name: `inbound/${port}`,
    endpoints: { type: 'local', address, port: applicationPort },
    protocol,
    // One endpoint: nothing to compare.
    loadBalancer: { type: 'RoundRobin', hashOn: [] },
    origins: [origin],
  });
  return { port, backend, origin };
}

/** The port of the application: as written, for a named one what the EndpointSlices say, else that of the Service. */
function targetPort(view: StoreView, sidecar: Stored<'Sidecar'>, port: ServicePort): number {
  if (typeof port.targetPort === 'number') return port.targetPort;
  const slices = view.endpointSlices(sidecar.namespace, sidecar.object.spec.service);
  const named = slices.flatMap(({ object }) => object.ports ?? []).find(({ name }) => (name ?? '') === (port.name ?? ''));
  return named?.port ?? port.port;
}
