import type { Origin, Report } from '../../diagnostic.ts';
import type { ObjectOf } from '../../kind/index.ts';
import type { FieldPath, Stored } from '../../store/stored.ts';

/** The fields of a BackendPolicy, but for its targets. */
export type PolicySpec = Omit<ObjectOf<'BackendPolicy'>['spec'], 'targetRefs'>;

/** The policies of one backend put together, the stronger one over the weaker, field by field. */
export interface EffectivePolicy {
  readonly spec: PolicySpec;
  /** Where a field is written; `path` starts below `spec`. */
  origin(...path: FieldPath): Origin;
  /** The same, undefined where it is written nowhere. */
  writtenAt(...path: FieldPath): Origin | undefined;
  /** The policies, the strongest first. */
  readonly policies: readonly Stored<'BackendPolicy'>[];
}

/** What a field group is told besides the policy. */
export interface PolicyContext {
  readonly policy: EffectivePolicy;
  readonly report: Report;
}

/**
 * Puts policies together: of each field of `spec`, and of each field below it, the strongest policy that has it holds. A health
 * check asks in one way, so the stronger one's way replaces the weaker one's.
 * @param policies the strongest first.
 */
export function effectivePolicy(policies: readonly Stored<'BackendPolicy'>[]): EffectivePolicy {
  const spec = policies.toReversed().reduce<PolicySpec>((weaker, { object }) => over(weaker, object.spec), {});
  return {
    spec,
    policies,
    writtenAt: (...path) => policies.find((policy) => isWritten(policy.object.spec, path))?.origin(['spec', ...path]),
    origin(...path) {
      const owner =
        policies.find((policy) => isWritten(policy.object.spec, path)) ?? policies.find((policy) => isWritten(policy.object.spec, path.slice(0, 1)));
      return owner?.origin(['spec', ...path]) ?? {};
    },
  };
}

function over(weaker: PolicySpec, stronger: PolicySpec & { readonly targetRefs?: unknown }): PolicySpec {
  const { targetRefs: _targets, ...fields } = stronger;
  const merged: Record<string, unknown> = { ...weaker };
  for (const [field, value] of Object.entries(fields)) {
    const below = merged[field];
    merged[field] = isObject(value) && isObject(below) ? { ...withoutProbe(below, value), ...value } : value;
  }
  return merged as PolicySpec;
}

function withoutProbe(weaker: object, stronger: object): object {
  const probes = ['http', 'tcp', 'grpc'];
  if (!probes.some((probe) => probe in stronger)) return weaker;
  return Object.fromEntries(Object.entries(weaker).filter(([field]) => !probes.includes(field)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWritten(value: unknown, path: FieldPath): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return value !== undefined;
  return typeof value === 'object' && value !== null && isWritten((value as Record<string | number, unknown>)[step], rest);
}
