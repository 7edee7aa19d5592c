import type { WrittenAt } from '../../ir/written-at.ts';
import type { FieldPath, Stored } from '../../store/stored.ts';
import type { EffectiveTraffic } from './effective.ts';
import type { RouteRetry } from './retries.ts';
import type { RouteSession } from './session.ts';
import type { RouteTimes } from './timeouts.ts';

/** What the rule of a route says itself. */
interface WrittenInRule {
  readonly retry?: RouteRetry | undefined;
  readonly timeouts?: RouteTimes | undefined;
  readonly sessionPersistence?: RouteSession | undefined;
}

/** A rule, and where it stands. */
interface PlacedRule {
  readonly owner: Pick<Stored, 'origin'>;
  readonly path: FieldPath;
  readonly rule: WrittenInRule;
}

/** The field of a rule that wins over the one of a policy. */
const fieldOfRule: Readonly<Record<string, (rule: WrittenInRule) => readonly string[] | undefined>> = {
  'retries.count': ({ retry }) => (retry?.attempts === undefined ? undefined : ['retry', 'attempts']),
  // A rule with retries has a try that took too long made again: see `retryOf`.
  'retries.on': ({ retry, timeouts }) => (retry && timeouts?.backendRequest !== undefined ? ['timeouts', 'backendRequest'] : undefined),
  'retries.statusCodes': ({ retry }) => (retry?.codes === undefined ? undefined : ['retry', 'codes']),
  'retries.backoff.base': ({ retry }) => (retry?.backoff === undefined ? undefined : ['retry', 'backoff']),
  'retries.backoff.max': ({ retry }) => (retry?.backoff === undefined ? undefined : ['retry', 'backoff']),
  'retries.perTryTimeout': ({ timeouts }) => (timeouts?.backendRequest === undefined ? undefined : ['timeouts', 'backendRequest']),
  'timeouts.request': ({ timeouts }) => (timeouts?.request === undefined ? undefined : ['timeouts', 'request']),
  sessionAffinity: ({ sessionPersistence }) => sessionPersistence && ['sessionPersistence'],
};

/**
 * Where retries, time-outs and sessions of a route are written: in its rule, else in a policy, else in what is weaker than policies.
 * It is kept with the route, so that it knows objects alone, and no function that knows more.
 * @param own undefined: what has no such rule.
 * @param weakest what the annotations of an Ingress say. Undefined: nothing, or there are none.
 * @returns undefined where nothing is written anywhere: most routes carry nothing.
 */
export function trafficWrittenAt(traffic: EffectiveTraffic, own?: PlacedRule, weakest?: WrittenAt): { readonly writtenAt?: WrittenAt } {
  const { retry, timeouts, sessionPersistence } = own?.rule ?? {};
  if (traffic.policies.length === 0 && !retry && !timeouts && !sessionPersistence) return weakest ? { writtenAt: weakest } : {};
  return {
    writtenAt(field) {
      const inRule = own && fieldOfRule[field]?.(own.rule);
      return inRule ? own.owner.origin([...own.path, ...inRule]) : (traffic.origin(...field.split('.')) ?? weakest?.(field));
    },
  };
}
