import { isIP } from 'node:net';
import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { EndpointOrigin } from '../ir/backend.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import type { PolicyTarget } from './policy/targets.ts';
import { findPort, requestPorts } from './service-port.ts';

/** A port of a Service or of a Backend. */
export interface BackendRef {
  readonly kind: 'Service' | 'Backend';
  readonly namespace: string;
  readonly name: string;
  /** Number, or name of a Service's port. */
  readonly port: number | string;
  /** Of a Service: datagrams go to it. */
  readonly isUdp?: true;
}

/** What a reference leads to, before policies. */
export interface BackendTarget {
  readonly policyTarget: PolicyTarget;
  readonly port: number;
  readonly endpoints: EndpointOrigin;
  readonly appProtocol: string | undefined;
  readonly object: Stored<'Service'> | Stored<'Backend'>;
}

/**
 * Follows a reference. Undefined: reported (`BackendNotFound`, `PortNotFound`).
 * @param at the reference, for diagnostics.
 */
export function backendTarget(view: StoreView, ref: BackendRef, at: Origin, report: Report): BackendTarget | undefined {
  return ref.kind === 'Service' ? serviceTarget(view, ref, at, report) : objectTarget(view, ref, at, report);
}

function serviceTarget(view: StoreView, ref: BackendRef, at: Origin, report: Report): BackendTarget | undefined {
  const { namespace, name } = ref;
  const service = view.get('Service', namespace, name);
  if (!service) return notFound(ref, at, report);
  const { type, externalName } = service.object.spec;
  const transport = ref.isUdp ? 'UDP' : 'TCP';
  const port = findPort(service, ref.port, transport);
  // An ExternalName needs no ports: the number of the reference is the port there.
  const number = port?.port ?? (type === 'ExternalName' && typeof ref.port === 'number' ? ref.port : undefined);
  if (number === undefined) {
    const ports = requestPorts(service, transport).map((one) => (one.name === undefined ? String(one.port) : `${one.port} (${one.name})`));
    const remedy = ports.length === 0 ? 'Add the port to the Service.' : `Its ports are ${ports.join(', ')}.`;
    report(
      diagnostic(
        'PortNotFound',
        at,
        `Service ${namespace}/${name} has no ${transport} port ${ref.port}, so requests to it are answered with an error.`,
        remedy,
      ),
    );
    return undefined;
  }
  const external = type === 'ExternalName' ? (externalName ?? '').replace(/\.$/, '') : undefined;
  if (external !== undefined && !isHost(external)) {
    const message = `The \`externalName\` of Service ${namespace}/${name} is "${external}", which is no host name, so requests to it are answered with an error.`;
    report(diagnostic('BackendNotFound', service.origin(['spec', 'externalName']), message, 'Write the name that it stands for.'));
    return undefined;
  }
  return {
    policyTarget: { kind: 'Service', namespace, name, ...(port ? { port: port.port } : {}) },
    port: number,
    endpoints:
      external === undefined
        ? { type: 'service', namespace, service: name, port: port?.name ?? '', ...(ref.isUdp && { isUdp: true }) }
        : { type: 'dns', hosts: [{ hostname: external, port: number, weight: 1 }] },
    appProtocol: port?.appProtocol,
    object: service,
  };
}

/** A name as DNS allows it (with underscores, which many use), or an address. */
function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= 253 && /^[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*$/i.test(text));
}

function objectTarget(view: StoreView, ref: BackendRef, at: Origin, report: Report): BackendTarget | undefined {
  const { namespace, name } = ref;
  const backend = view.get('Backend', namespace, name);
  const port = Number(ref.port);
  if (!backend || !Number.isInteger(port)) return notFound(ref, at, report);
  return {
    policyTarget: { kind: 'Backend', namespace, name },
    port,
    endpoints: endpointsOf(backend, port),
    appProtocol: backend.object.spec.appProtocol,
    object: backend,
  };
}

/** One host name among addresses makes all of them part of the cluster: Envoy resolves names only there. */
function endpointsOf(backend: Stored<'Backend'>, port: number): EndpointOrigin {
  const { endpoints } = backend.object.spec;
  if (endpoints.every(({ hostname }) => hostname === undefined)) return { type: 'static', namespace: backend.namespace, backend: backend.name, port };
  return {
    type: 'dns',
    hosts: endpoints.map((one) => ({
      hostname: one.hostname ?? one.address ?? '',
      port: one.port ?? port,
      weight: one.weight ?? 1,
      ...(one.zone === undefined ? {} : { zone: one.zone }),
    })),
  };
}

function notFound({ kind, namespace, name }: BackendRef, at: Origin, report: Report): undefined {
  const message = `There is no ${kind} ${namespace}/${name}, so requests to it are answered with an error.`;
  report(diagnostic('BackendNotFound', at, message, `Create it, or name a ${kind} that exists.`));
  return undefined;
}
