import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { Backend, EndpointOrigin, UpstreamTls } from '../ir/backend.ts';
import { backendName } from '../ir/names.ts';
import type { Secret } from '../ir/secret.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { defaultPanicThresholdPercent } from './defaults.ts';
import { reportEndpoints } from './endpoints.ts';
import { circuitBreakerOf } from './policy/circuit-breaker.ts';
import { tcpKeepaliveOf, timeoutsOf } from './policy/connection.ts';
import { healthChecksOf } from './policy/health-check.ts';
import { loadBalancerOf } from './policy/load-balancer.ts';
import { prefersLocalZone } from './policy/locality.ts';
import { outlierDetectionOf } from './policy/outlier-detection.ts';
import { effectivePolicy, type PolicyContext } from './policy/policy.ts';
import { protocolOf } from './policy/protocol.ts';
import { slowStartOf } from './policy/slow-start.ts';
import { type PolicyTarget, policiesByTarget } from './policy/targets.ts';
import { findPort, requestPorts } from './service-port.ts';
import { type TlsReading, tlsOfPolicy, tlsOfStandardPolicy } from './upstream-tls.ts';

/** A port of a Service or of a Backend. */
export interface BackendRef {
  readonly kind: 'Service' | 'Backend';
  readonly namespace: string;
  readonly name: string;
  /** Number, or name of a Service's port. */
  readonly port: number | string;
}

interface ResolveOptions {
  /** Whether gRPC is to be sent: HTTP/2 whatever the port says. */
  readonly grpc: boolean;
  /** The reference, for diagnostics. */
  readonly at: Origin;
}

/** Finds the backends that routes refer to. */
export interface BackendResolver {
  /**
   * The backend; the same object for the same reference, and where no policy is attached also in the next build. Undefined: reported (`BackendNotFound`, `PortNotFound`, or what is
   * wrong with its TLS), and requests must be answered with an error.
   */
  resolve(ref: BackendRef, options: ResolveOptions): Backend | undefined;
  /** The secrets that a backend's TLS refers to. */
  secrets(backend: Backend): readonly Secret[];
}

/** What a reference leads to, before policies. */
interface Target {
  readonly policyTarget: PolicyTarget;
  readonly port: number;
  readonly endpoints: EndpointOrigin;
  readonly appProtocol: string | undefined;
  readonly object: Stored<'Service'> | Stored<'Backend'>;
}

/** What all variants of a target have in common. */
interface Prepared {
  readonly context: PolicyContext;
  /** What it speaks of itself. */
  readonly protocol: Backend['protocol'];
  readonly tls: TlsReading;
  readonly origins: readonly Origin[];
  /** Whether no policy is attached: then all follows from the target. */
  readonly isPlain: boolean;
}

/**
 * Makes backends of Services and Backends with the BackendPolicies and BackendTLSPolicies that are attached to them.
 * Gives at once `PolicyConflict` and `PolicyTargetNotFound`, and with a backend what is wrong with its policies and endpoints.
 */
export function createBackendResolver(view: StoreView, report: Report): BackendResolver {
  const policiesFor = policiesByTarget(view, view.list('BackendPolicy'), report);
  const tlsPoliciesFor = policiesByTarget(view, view.list('BackendTLSPolicy'), report);
  const prepared = new Map<string, Prepared>();
  const made = new Map<string, { readonly backend: Backend; readonly secrets: readonly Secret[] }>();

  function prepare(target: Target): Prepared {
    const policy = effectivePolicy(policiesFor(target.policyTarget));
    const [tlsPolicy] = tlsPoliciesFor(target.policyTarget);
    const tls = tlsPolicy ? tlsOfStandardPolicy(view, tlsPolicy, report) : tlsOfPolicy(view, target.policyTarget.namespace, policy, report);
    const origins = [target.object.origin(), ...policy.policies.map((one) => one.origin()), ...(tlsPolicy ? [tlsPolicy.origin()] : [])];
    return { context: { policy, report }, protocol: protocolOf({ policy, report }, target.appProtocol), tls, origins, isPlain: origins.length === 1 };
  }

  return {
    resolve(ref, { grpc, at }) {
      const target = ref.kind === 'Service' ? serviceTarget(view, ref, at, report) : backendTarget(view, ref, at, report);
      if (!target) return undefined;
      const { kind, namespace, name } = target.policyTarget;
      const key = `${kind}/${namespace}/${name}/${target.port}`;
      const parts = prepared.get(key) ?? prepare(target);
      prepared.set(key, parts);
      if (parts.tls === 'broken') {
        const message = `TLS towards ${kind} ${namespace}/${name} cannot be set up as its policy asks, so requests to it are answered with an error.`;
        report(diagnostic('BackendTlsBroken', at, message, 'Mend the policy; what is wrong is said there.'));
        return undefined;
      }
      const protocol = grpc ? 'http2' : parts.protocol;
      const backend = nameOf(target, protocol === parts.protocol ? undefined : { protocol });
      const { tls, secrets = [] } = parts.tls ?? {};
      const make = (): Backend => backendOf(backend, target, protocol, tls, parts);
      const known = made.get(backend) ?? { backend: parts.isPlain ? remembered(target.object, backend, make) : make(), secrets };
      if (!made.has(backend)) reportEndpoints(view, known.backend, target.object.origin(), report);
      made.set(backend, known);
      return known.backend;
    },
    secrets: (backend) => made.get(backend.name)?.secrets ?? [],
  };
}

/** Backends that no policy shapes, by the object that each is made of and its name. */
const plainBackends = new WeakMap<Target['object'], Map<string, Backend>>();

/** The backend that was made of the same object before. Only where all of it follows from the object. */
function remembered(object: Target['object'], backendName: string, make: () => Backend): Backend {
  const ofObject = plainBackends.get(object) ?? new Map<string, Backend>();
  plainBackends.set(object, ofObject);
  const backend = ofObject.get(backendName) ?? make();
  ofObject.set(backendName, backend);
  return backend;
}

function backendOf(backendName: string, target: Target, protocol: Backend['protocol'], tls: UpstreamTls | undefined, { context, origins }: Prepared): Backend {
  const { namespace, name } = target.policyTarget;
  const loadBalancer = loadBalancerOf(context);
  const slowStart = slowStartOf(context, loadBalancer);
  const outlierDetection = outlierDetectionOf(context);
  const tcpKeepalive = tcpKeepaliveOf(context);
  return {
    name: backendName,
    endpoints: target.endpoints,
    protocol,
    loadBalancer,
    ...(slowStart ? { slowStart } : {}),
    ...(outlierDetection ? { outlierDetection } : {}),
    healthChecks: healthChecksOf(context, protocol, tls?.hostname ?? `${name}.${namespace}`),
    circuitBreaker: circuitBreakerOf(context),
    ...timeoutsOf(context, protocol),
    ...(tcpKeepalive ? { tcpKeepalive } : {}),
    ...(tls ? { tls } : {}),
    preferLocalZone: prefersLocalZone(context, loadBalancer),
    panicThresholdPercent: context.policy.spec.panicThresholdPercent ?? defaultPanicThresholdPercent,
    origins,
  };
}

/** A Backend may have the name of a Service of its namespace, so its clusters are named apart. */
function nameOf({ policyTarget: { kind, namespace, name }, port }: Target, settings: object | undefined): string {
  const variant = settings && hash('sha256', JSON.stringify(settings), 'hex').slice(0, 6);
  return backendName(namespace, kind === 'Backend' ? `backend:${name}` : name, port, variant);
}

function serviceTarget(view: StoreView, ref: BackendRef, at: Origin, report: Report): Target | undefined {
  const { namespace, name } = ref;
  const service = view.get('Service', namespace, name);
  if (!service) return notFound(ref, at, report);
  const { type, externalName } = service.object.spec;
  const port = findPort(service, ref.port);
  // An ExternalName needs no ports: the number of the reference is the port there.
  const number = port?.port ?? (type === 'ExternalName' && typeof ref.port === 'number' ? ref.port : undefined);
  if (number === undefined) {
    const ports = requestPorts(service).map((one) => (one.name === undefined ? String(one.port) : `${one.port} (${one.name})`));
    const remedy = ports.length === 0 ? 'Add the port to the Service.' : `Its ports are ${ports.join(', ')}.`;
    report(diagnostic('PortNotFound', at, `Service ${namespace}/${name} has no TCP port ${ref.port}, so requests to it are answered with an error.`, remedy));
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
        ? { type: 'service', namespace, service: name, port: port?.name ?? '' }
        : { type: 'dns', hosts: [{ hostname: external, port: number, weight: 1 }] },
    appProtocol: port?.appProtocol,
    object: service,
  };
}

/** A name as DNS allows it (with underscores, which many use), or an address. */
function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= 253 && /^[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*$/i.test(text));
}

function backendTarget(view: StoreView, ref: BackendRef, at: Origin, report: Report): Target | undefined {
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
