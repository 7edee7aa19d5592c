import type { Origin } from '../../diagnostic.ts';
import type { FieldPath } from '../../store/stored.ts';
import type { TrafficPolicy } from './policies.ts';

/** The fields of a TrafficPolicy, but for its targets. */
export type TrafficSpec = Omit<TrafficPolicy['object']['spec'], 'targetRefs'>;

/** Policies put together, the stronger one over the weaker, field by field. */
export interface EffectiveTraffic {
  readonly spec: TrafficSpec;
  /** The policies, the strongest first. */
  readonly policies: readonly TrafficPolicy[];
  /** Where a field is written that holds; `path` starts below `spec`. Undefined: nowhere. */
  origin(...path: FieldPath): Origin | undefined;
}

/**
 * Puts policies together: of each field of `retries` and of `timeouts` the strongest policy that has it holds. `split` and
 * `sessionAffinity` say one thing, in one of several ways: they hold as a whole.
 * @param policies the strongest first.
 */
export function effectiveTraffic(policies: readonly TrafficPolicy[]): EffectiveTraffic {
  return {
    spec: policies.toReversed().reduce<TrafficSpec>((weaker, { object }) => over(weaker, object.spec), {}),
    policies,
    origin: (...path) => policies.find(({ object }) => isWritten(object.spec, path))?.origin(['spec', ...path]),
  };
}

function over(weaker: TrafficSpec, { retries, timeouts, split, sessionAffinity }: TrafficSpec): TrafficSpec {
  return {
    ...weaker,
    ...(retries && { retries: { ...weaker.retries, ...retries, ...(retries.backoff && { backoff: { ...weaker.retries?.backoff, ...retries.backoff } }) } }),
    ...(timeouts && { timeouts: { ...weaker.timeouts, ...timeouts } }),
    ...(split && { split }),
    ...(sessionAffinity && { sessionAffinity }),
  };
}

function isWritten(value: unknown, path: FieldPath): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return value !== undefined;
  return typeof value === 'object' && value !== null && isWritten((value as Record<string | number, unknown>)[step], rest);
}
