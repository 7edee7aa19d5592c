import type { Diagnostic } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import { isOurGateway } from '../translate/gateway-settings.ts';
import { controllerName, type WantedEntry } from './entries.ts';
import type { Facts } from './facts.ts';
import type { Reference, WantedStatus } from './said.ts';
import { faultsOf, isWithin, notOfRoutes, observed, type Verdict, verdict } from './verdict.ts';

type Policy = Stored<'BackendPolicy'> | Stored<'TrafficPolicy'>;

/** What is said of a policy of ours for each of its targets. */
export function policyStatus(policy: Policy, { uid, generation }: Pick<WantedStatus, 'uid' | 'generation'>, diagnostics: readonly Diagnostic[]): WantedStatus {
  const entries = policy.object.spec.targetRefs.map(
    ({ group, kind, name, sectionName }, index): WantedEntry<{ readonly ancestorRef: Reference }> => ({
      ancestorRef: { group, kind, namespace: policy.namespace, name, ...(sectionName !== undefined && { sectionName }) },
      controllerName,
      conditions: observed(
        verdictsOf(diagnostics.filter((one) => !isWithin(one, 'spec.targetRefs') || isWithin(one, `spec.targetRefs[${index}]`))),
        generation,
      ),
    }),
  );
  return { object: policy, uid, generation, said: { type: 'ancestors', entries }, isSettling: false, isProgrammed: false };
}

/** What is said of a standard policy for each Gateway that leads to one of its targets. */
export function backendTlsPolicyStatus(
  policy: Stored<'BackendTLSPolicy'>,
  { uid, generation }: Pick<WantedStatus, 'uid' | 'generation'>,
  diagnostics: readonly Diagnostic[],
  gatewaysOf: (namespace: string, service: string) => readonly Stored<'Gateway'>[],
): WantedStatus {
  const gateways = new Set(policy.object.spec.targetRefs.flatMap(({ name }) => gatewaysOf(policy.namespace, name)));
  const conditions = observed(tlsVerdicts(policy, diagnostics), generation);
  const entries = [...gateways].map(({ namespace, name }) => ({
    ancestorRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace, name },
    controllerName,
    conditions,
  }));
  return { object: policy, uid, generation, said: { type: 'ancestors', entries }, isSettling: false, isProgrammed: false };
}

/** `ResolvedRefs` is said where a reference leads to nothing: most policies refer to nothing but their targets. */
function verdictsOf(diagnostics: readonly Diagnostic[]): readonly Verdict[] {
  const unresolved = faultsOf(diagnostics, 'ResolvedRefs');
  return [
    verdict('Accepted', 'Accepted', faultsOf(diagnostics, 'Accepted'), notOfRoutes),
    ...(unresolved.length > 0 ? [verdict('ResolvedRefs', 'ResolvedRefs', unresolved)] : []),
  ];
}

/** A policy without any authority that can be used is not accepted. @see https://gateway-api.sigs.k8s.io/reference/spec/#policyconditionreason */
function tlsVerdicts(policy: Stored<'BackendTLSPolicy'>, diagnostics: readonly Diagnostic[]): readonly Verdict[] {
  const refs = policy.object.spec.validation.caCertificateRefs?.length ?? 0;
  const unresolved = faultsOf(diagnostics, 'ResolvedRefs');
  const resolved = verdict('ResolvedRefs', 'ResolvedRefs', unresolved);
  const accepted = verdict('Accepted', 'Accepted', faultsOf(diagnostics, 'Accepted'), notOfRoutes);
  if (accepted.status === 'False' || refs === 0 || unresolved.length < refs) return [accepted, resolved];
  return [{ ...accepted, status: 'False', reason: 'NoValidCACertificate', message: resolved.message }, resolved];
}

/** Which Gateways of ours lead to a Service, by their routes. */
export function gatewaysByService({ view }: Pick<Facts, 'view'>): (namespace: string, service: string) => readonly Stored<'Gateway'>[] {
  const found = new Map<string, Set<Stored<'Gateway'>>>();
  for (const route of [...view.list('HTTPRoute'), ...view.list('GRPCRoute')]) {
    const gateways = (route.object.spec.parentRefs ?? []).flatMap(({ kind = 'Gateway', namespace = route.namespace, name }) => {
      const gateway = kind === 'Gateway' ? view.get('Gateway', namespace, name) : undefined;
      return gateway && isOurGateway(view, gateway) ? [gateway] : [];
    });
    if (gateways.length === 0) continue;
    for (const { backendRefs = [] } of route.object.spec.rules ?? []) {
      for (const { kind = 'Service', namespace = route.namespace, name } of backendRefs) {
        if (kind !== 'Service') continue;
        const key = `${namespace}/${name}`;
        const known = found.get(key) ?? new Set();
        found.set(key, known);
        for (const gateway of gateways) known.add(gateway);
      }
    }
  }
  return (namespace, service) => [...(found.get(`${namespace}/${service}`) ?? [])];
}
