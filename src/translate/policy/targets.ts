import type { Report } from '../../diagnostic.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';
import { findPort } from '../service-port.ts';
import { attachedPolicies, type PolicyReference } from './attached.ts';

/** The policies of one kind that hold for a target, the strongest first: that of the port, then that of the object. */
export type PoliciesFor<Policy> = (target: PolicyTarget) => readonly Policy[];

/** A Service with one of its ports, or a Backend. */
export interface PolicyTarget {
  readonly kind: 'Service' | 'Backend';
  readonly namespace: string;
  readonly name: string;
  /** Number of the Service's port. Undefined for a Backend. */
  readonly port?: number;
}

/**
 * Sorts policies by what they are attached to.
 * Gives `PolicyConflict` where an older policy has the same target, `PolicyTargetNotFound` where the target does not exist.
 * @param policies oldest first.
 */
export function policiesByTarget<Policy extends Stored<'BackendPolicy'> | Stored<'BackendTLSPolicy'>>(
  view: StoreView,
  policies: readonly Policy[],
  report: Report,
): PoliciesFor<Policy> {
  const remedy = 'Name a Service, one of its ports, or a Backend of the same namespace.';
  const keyOfReference = (reference: PolicyReference): string | { readonly missing: string } => {
    const target = targetOf(view, reference);
    return 'missing' in target ? target : keyOf(target);
  };
  const byTarget = attachedPolicies(policies, keyOfReference, remedy, report);
  return ({ port, ...object }) => {
    const found = [...(port === undefined ? [] : [byTarget.get(keyOf({ ...object, port }))]), byTarget.get(keyOf(object))];
    return found.filter((policy) => policy !== undefined);
  };
}

function targetOf(view: StoreView, { group, kind, namespace, name, sectionName }: PolicyReference): PolicyTarget | { readonly missing: string } {
  const missing = { missing: `There is no ${kind} ${namespace}/${name}` };
  if (group === 'gateway.sluice.dev' && kind === 'Backend') {
    if (!view.get('Backend', namespace, name)) return missing;
    return sectionName === undefined ? { kind, namespace, name } : { missing: 'A Backend has no sections' };
  }
  if (group !== '' || kind !== 'Service') return { missing: `A ${kind} of the API group "${group}" takes no policy` };
  const service = view.get('Service', namespace, name);
  if (!service) return missing;
  if (sectionName === undefined) return { kind, namespace, name };
  const port = findPort(service, sectionName);
  return port ? { kind, namespace, name, port: port.port } : { missing: `Service ${namespace}/${name} has no port ${sectionName}` };
}

function keyOf({ kind, namespace, name, port }: PolicyTarget): string {
  return `${kind}/${namespace}/${name}/${port ?? ''}`;
}
