import { diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';
import { findPort } from '../service-port.ts';

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

type PolicyObject = Stored<'BackendPolicy'> | Stored<'BackendTLSPolicy'>;

/**
 * Sorts policies by what they are attached to.
 * Gives `PolicyConflict` where an older policy has the same target, `PolicyTargetNotFound` where the target does not exist.
 * @param policies oldest first.
 */
export function policiesByTarget<Policy extends PolicyObject>(view: StoreView, policies: readonly Policy[], report: Report): PoliciesFor<Policy> {
  const byTarget = new Map<string, Policy>();
  for (const policy of policies) {
    for (const [index, { group, kind, name, sectionName }] of policy.object.spec.targetRefs.entries()) {
      const at = (): Origin => policy.origin(['spec', 'targetRefs', index]);
      const target = targetOf(view, { group, kind, namespace: policy.namespace, name, sectionName });
      if ('missing' in target) {
        report(
          diagnostic(
            'PolicyTargetNotFound',
            at(),
            `${target.missing}, so the policy has no effect there.`,
            'Name a Service, one of its ports, or a Backend of the same namespace.',
          ),
        );
        continue;
      }
      const key = keyOf(target);
      const older = byTarget.get(key);
      if (older && older !== policy) {
        const message = `The older ${older.kind} ${older.namespace}/${older.name} has the same target, so this policy has no effect there.`;
        report(diagnostic('PolicyConflict', at(), message, 'Put both into one policy, or delete one.'));
      } else byTarget.set(key, policy);
    }
  }
  return ({ port, ...object }) => {
    const found = [...(port === undefined ? [] : [byTarget.get(keyOf({ ...object, port }))]), byTarget.get(keyOf(object))];
    return found.filter((policy) => policy !== undefined);
  };
}

interface Reference {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly sectionName: string | undefined;
}

function targetOf(view: StoreView, { group, kind, namespace, name, sectionName }: Reference): PolicyTarget | { readonly missing: string } {
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
