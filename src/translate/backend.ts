import { hash } from 'node:crypto';
import { type Diagnostic, diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { Backend, LoadBalancer, UpstreamTls } from '../ir/backend.ts';
import type { Life } from '../ir/life.ts';
import { backendName } from '../ir/names.ts';
import type { Secret } from '../ir/secret.ts';
import type { WrittenAt } from '../ir/written-at.ts';
import { createSlot } from '../memo/slot.ts';
import { WeakTable } from '../memo/weak-table.ts';
import type { StoreView } from '../store/view.ts';
import { type BackendRef, type BackendTarget, backendTarget } from './backend-target.ts';
import { defaultPanicThresholdPercent } from './defaults.ts';
import { lifeOf, reportEndpoints } from './endpoints.ts';
import { circuitBreakerOf } from './policy/circuit-breaker.ts';
import { tcpKeepaliveOf, timeoutsOf } from './policy/connection.ts';
import { healthChecksOf } from './policy/health-check.ts';
import { loadBalancerOf } from './policy/load-balancer.ts';
import { prefersLocalZone } from './policy/locality.ts';
import { outlierDetectionOf } from './policy/outlier-detection.ts';
import { effectivePolicy, type PolicyContext } from './policy/policy.ts';
import { protocolOf } from './policy/protocol.ts';
import { slowStartOf } from './policy/slow-start.ts';
import { policiesByTarget } from './policy/targets.ts';
import { type TlsReading, tlsOfPolicy, tlsOfStandardPolicy } from './upstream-tls.ts';

export interface ResolveOptions {
  /** Whether gRPC is to be sent: HTTP/2 whatever the port says. */
  readonly grpc: boolean;
  /** The reference, for diagnostics. */
  readonly at: Origin;
  /** What whoever refers to it asks for. Undefined: nothing. */
  readonly wishes?: BackendWishes;
  /** Told of all that is wrong with the backend, also where it was told before. Undefined: nobody is. */
  readonly report?: Report;
}

/** What a route asks of its backend: weaker than a BackendPolicy, field by field. Another wish is another cluster. */
export interface BackendWishes {
  readonly loadBalancer?: LoadBalancer;
  readonly connectTimeoutMs?: number;
  /** Connections that nobody uses are closed after this, or earlier where Sluice does so anyway. */
  readonly idleTimeoutMs?: number;
  readonly maxRequestsPerConnection?: number;
  readonly maxConnectionMs?: number;
  /** What the backend speaks, whatever the `appProtocol` of its port says. */
  readonly protocol?: Backend['protocol'];
  /** TLS towards it, with the secrets that it needs. */
  readonly tls?: Exclude<TlsReading, 'broken' | undefined>;
  /** Connections begin with a PROXY header. */
  readonly sendsProxyHeader?: true;
  /** Requests go to this address of the Service itself, instead of its endpoints. */
  readonly address?: string;
}

/** Finds the backends that routes refer to. */
export interface BackendResolver {
  /**
   * The backend; the same object for the same reference, and where no policy is attached also in the next build.
   * Undefined: reported (`BackendNotFound`, `PortNotFound`, or what is wrong with its TLS), and requests must be answered with
   * an error.
   */
  resolve(ref: BackendRef, options: ResolveOptions): Backend | undefined;
  /** How much life is in a backend now. */
  life(backend: Backend): Life;
  /** The secrets that a backend's TLS refers to. */
  secrets(backend: Backend): readonly Secret[];
}

/** What all variants of a target have in common. */
interface Prepared {
  readonly context: PolicyContext;
  /** What it speaks of itself. */
  readonly protocol: Backend['protocol'];
  readonly tls: TlsReading;
  /** The standard policy that asks for TLS. */
  readonly tlsOrigin: Origin | undefined;
  readonly origins: readonly Origin[];
  /** Whether no policy is attached: then all follows from the target. */
  readonly isPlain: boolean;
}

/** Something that was made, and what was wrong with it. */
interface Told<Made> {
  readonly made: Made;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the TLS of a backend refers to. */
const secretsOf = createSlot<Backend, readonly Secret[]>();

/**
 * Makes backends of Services and Backends with the BackendPolicies and BackendTLSPolicies that are attached to them.
 * Gives at once `PolicyConflict` and `PolicyTargetNotFound`, and with a backend what is wrong with its policies and endpoints.
 */
export function createBackendResolver(view: StoreView, report: Report): BackendResolver {
  const policiesFor = policiesByTarget(view, view.list('BackendPolicy'), report);
  const tlsPoliciesFor = policiesByTarget(view, view.list('BackendTLSPolicy'), report);
  const prepared = new Map<string, Told<Prepared>>();
  const made = new Map<string, Told<Backend>>();
  let told: Diagnostic[] = [];

  function tell(one: Diagnostic): void {
    told.push(one);
    report(one);
  }

  function telling<Made>(make: () => Made): Told<Made> {
    const diagnostics: Diagnostic[] = [];
    told = diagnostics;
    return { made: make(), diagnostics };
  }

  function prepare(target: BackendTarget): Prepared {
    const policy = effectivePolicy(policiesFor(target.policyTarget));
    const [tlsPolicy] = tlsPoliciesFor(target.policyTarget);
    const tls = tlsPolicy ? tlsOfStandardPolicy(view, tlsPolicy, tell) : tlsOfPolicy(view, target.policyTarget.namespace, policy, tell);
    const origins = [target.object.origin(), ...policy.policies.map((one) => one.origin()), ...(tlsPolicy ? [tlsPolicy.origin()] : [])];
    const tlsOrigin = tlsPolicy?.origin();
    return {
      context: { policy, report: tell },
      protocol: protocolOf({ policy, report: tell }, target.appProtocol),
      tls,
      tlsOrigin,
      origins,
      isPlain: origins.length === 1,
    };
  }

  function makeBackend(target: BackendTarget, cluster: string, parts: Prepared, make: () => Backend): Backend {
    const backend = parts.isPlain ? plainBackends.getOrMake(target.object, cluster, make) : make();
    reportEndpoints(view, backend, target.object.origin(), tell);
    return backend;
  }

  return {
    resolve(ref, { grpc, at, wishes = {}, report: tellToo = () => undefined }) {
      const say: Report = (one) => {
        report(one);
        tellToo(one);
      };
      const target = backendTarget(view, ref, at, say);
      if (!target) return undefined;
      const { kind, namespace, name } = target.policyTarget;
      const key = `${kind}/${namespace}/${name}/${target.port}${ref.isUdp ? '/udp' : ''}`;
      const { made: parts, diagnostics: ofParts } = prepared.get(key) ?? telling(() => prepare(target));
      if (!prepared.has(key)) prepared.set(key, { made: parts, diagnostics: ofParts });
      ofParts.forEach(tellToo);
      if (parts.tls === 'broken') {
        const message = `TLS towards ${kind} ${namespace}/${name} cannot be set up as its policy asks, so requests to it are answered with an error.`;
        say(diagnostic('BackendTlsBroken', at, message, 'Mend the policy; what is wrong is said there.'));
        return undefined;
      }
      const { protocol: wished, tls: wishedTls, ...granted } = grantedOf(wishes, parts);
      const protocol = grpc ? 'http2' : (wished ?? parts.protocol);
      const { tls, secrets = [] } = parts.tls ?? wishedTls ?? {};
      const own = {
        ...(ref.isUdp && { isUdp: true }),
        ...(protocol === parts.protocol ? {} : { protocol }),
        ...granted,
        ...(wishedTls && { tls: wishedTls.tls }),
      };
      const cluster = nameOf(target, Object.keys(own).length === 0 ? undefined : own);
      const known = made.get(cluster) ?? telling(() => makeBackend(target, cluster, parts, () => backendOf(cluster, target, protocol, tls, parts, granted)));
      if (!made.has(cluster)) secretsOf.set(known.made, secrets);
      made.set(cluster, known);
      known.diagnostics.forEach(tellToo);
      return known.made;
    },
    life: (backend) => lifeOf(view, backend),
    secrets: (backend) => secretsOf.get(backend) ?? [],
  };
}

/** Backends that no policy shapes, by the object that each is made of and its name: all of them follows from the object. */
const plainBackends = new WeakTable<BackendTarget['object'], string, Backend>();

function backendOf(
  cluster: string,
  target: BackendTarget,
  protocol: Backend['protocol'],
  tls: UpstreamTls | undefined,
  { context, protocol: ofTarget, tlsOrigin, origins, isPlain }: Prepared,
  granted: Omit<BackendWishes, 'protocol' | 'tls'>,
): Backend {
  const { namespace, name } = target.policyTarget;
  const loadBalancer = granted.loadBalancer ?? loadBalancerOf(context);
  const slowStart = slowStartOf(context, loadBalancer, target.endpoints);
  const outlierDetection = outlierDetectionOf(context);
  const tcpKeepalive = tcpKeepaliveOf(context, protocol);
  const timeouts = timeoutsOf(context, protocol);
  return {
    name: cluster,
    endpoints: granted.address === undefined ? target.endpoints : { type: 'local', address: granted.address, port: target.port },
    protocol,
    loadBalancer,
    ...(slowStart ? { slowStart } : {}),
    ...(outlierDetection ? { outlierDetection } : {}),
    healthChecks: healthChecksOf(context, protocol, tls?.hostname ?? `${name}.${namespace}`),
    circuitBreaker: circuitBreakerOf(context),
    ...timeouts,
    ...(granted.idleTimeoutMs !== undefined && { idleTimeoutMs: Math.min(granted.idleTimeoutMs, timeouts.idleTimeoutMs) }),
    ...(granted.maxRequestsPerConnection !== undefined && { maxRequestsPerConnection: granted.maxRequestsPerConnection }),
    ...(granted.maxConnectionMs !== undefined && { maxConnectionMs: granted.maxConnectionMs }),
    ...(granted.connectTimeoutMs !== undefined && { connectTimeoutMs: granted.connectTimeoutMs }),
    ...(tcpKeepalive ? { tcpKeepalive } : {}),
    ...(tls ? { tls } : {}),
    ...(granted.sendsProxyHeader && { sendsProxyHeader: true }),
    preferLocalZone: prefersLocalZone(context, loadBalancer),
    panicThresholdPercent: context.policy.spec.panicThresholdPercent ?? defaultPanicThresholdPercent,
    // What is not plain has policies; the port of the Service tells its protocol as well.
    ...((!isPlain || target.appProtocol !== undefined) && { writtenAt: backendWrittenAt(context, target, tlsOrigin, protocol === ofTarget) }),
    origins,
  };
}

/** The wishes that no policy speaks against. */
function grantedOf(
  { loadBalancer, connectTimeoutMs, idleTimeoutMs, maxRequestsPerConnection, maxConnectionMs, address, protocol, tls, sendsProxyHeader }: BackendWishes,
  { context, tls: ofPolicy }: Prepared,
): BackendWishes {
  const { spec } = context.policy;
  return {
    ...(protocol && (spec.protocol ?? 'Auto') === 'Auto' ? { protocol } : {}),
    ...(tls && !ofPolicy ? { tls } : {}),
    ...(sendsProxyHeader && { sendsProxyHeader }),
    ...(loadBalancer && !spec.loadBalancer ? { loadBalancer } : {}),
    ...(connectTimeoutMs !== undefined && spec.timeouts?.connect === undefined ? { connectTimeoutMs } : {}),
    ...(idleTimeoutMs !== undefined && spec.timeouts?.idle === undefined ? { idleTimeoutMs } : {}),
    ...(maxRequestsPerConnection === undefined ? {} : { maxRequestsPerConnection }),
    ...(maxConnectionMs === undefined ? {} : { maxConnectionMs }),
    ...(address === undefined ? {} : { address }),
  };
}

/** @param speaksItsOwn whether it speaks what it says of itself, and not what a route asks for. */
function backendWrittenAt({ policy }: PolicyContext, { appProtocol, object }: BackendTarget, tlsOrigin: Origin | undefined, speaksItsOwn: boolean): WrittenAt {
  return (field) => {
    if (field.startsWith('tls') && tlsOrigin) return tlsOrigin;
    const written = policy.writtenAt(...field.split('.'));
    return field === 'protocol' && !written && speaksItsOwn && appProtocol !== undefined ? object.origin() : written;
  };
}

/** A Backend may have the name of a Service of its namespace, so its clusters are named apart. */
function nameOf({ policyTarget: { kind, namespace, name }, port }: BackendTarget, settings: object | undefined): string {
  const variant = settings && hash('sha256', JSON.stringify(settings), 'hex').slice(0, 6);
  return backendName(namespace, kind === 'Backend' ? `backend:${name}` : name, port, variant);
}
