import { diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import type { Stored } from '../../store/stored.ts';

/** A policy of any kind that is attached to objects by `targetRefs`. */
type PolicyObject = Stored<'BackendPolicy'> | Stored<'BackendTLSPolicy'> | Stored<'TrafficPolicy'>;

/** One entry of `targetRefs`, with the namespace of its policy. */
export interface PolicyReference {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly sectionName: string | undefined;
}

/**
 * Policies by what they are attached to.
 * Gives `PolicyConflict` where an older policy has the same target, `PolicyTargetNotFound` where the target does not exist.
 * @param policies oldest first.
 * @param keyOf identity of a target, or the beginning of a sentence that says what is missing.
 * @param remedy what to name instead of a target that does not exist.
 */
export function attachedPolicies<Policy extends PolicyObject>(
  policies: readonly Policy[],
  keyOf: (reference: PolicyReference) => string | { readonly missing: string },
  remedy: string,
  report: Report,
): ReadonlyMap<string, Policy> {
  const byTarget = new Map<string, Policy>();
  for (const policy of policies) {
    for (const [index, { group, kind, name, sectionName }] of policy.object.spec.targetRefs.entries()) {
      const at = (): Origin => policy.origin(['spec', 'targetRefs', index]);
      const key = keyOf({ group, kind, namespace: policy.namespace, name, sectionName });
      if (typeof key !== 'string') {
        report(diagnostic('PolicyTargetNotFound', at(), `${key.missing}, so the policy has no effect there.`, remedy));
        continue;
      }
      const older = byTarget.get(key);
      if (older && older !== policy) {
        const message = `The older ${older.kind} ${older.namespace}/${older.name} has the same target, so this policy has no effect there.`;
        report(diagnostic('PolicyConflict', at(), message, 'Put both into one policy, or delete one.'));
      } else byTarget.set(key, policy);
    }
  }
  return byTarget;
}
