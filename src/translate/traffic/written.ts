import type { Origin } from '../../diagnostic.ts';
import type { WrittenAt } from '../../ir/written-at.ts';
import type { EffectiveTraffic } from './effective.ts';
import type { RouteRetry } from './retries.ts';
import type { RouteTimes } from './timeouts.ts';

/** What the rule of an HTTPRoute says itself. */
interface WrittenInRule {
  readonly retry?: RouteRetry | undefined;
  readonly timeouts?: RouteTimes | undefined;
}

/** The field of a rule that wins over the one of a policy. */
const fieldOfRule: Readonly<Record<string, (rule: WrittenInRule) => readonly string[] | undefined>> = {
  'retries.count': ({ retry }) => (retry?.attempts === undefined ? undefined : ['retry', 'attempts']),
  'retries.statusCodes': ({ retry }) => (retry?.codes === undefined ? undefined : ['retry', 'codes']),
  'retries.backoff.base': ({ retry }) => (retry?.backoff === undefined ? undefined : ['retry', 'backoff']),
  'retries.backoff.max': ({ retry }) => (retry?.backoff === undefined ? undefined : ['retry', 'backoff']),
  'retries.perTryTimeout': ({ timeouts }) => (timeouts?.backendRequest === undefined ? undefined : ['timeouts', 'backendRequest']),
  'timeouts.request': ({ timeouts }) => (timeouts?.request === undefined ? undefined : ['timeouts', 'request']),
};

/**
 * Where retries and time-outs of a route are written: in its rule, else in a policy.
 * @param at a field of the rule.
 * @returns undefined where nothing is written anywhere: most routes carry nothing.
 */
export function trafficWrittenAt(traffic: EffectiveTraffic, rule: WrittenInRule, at: (path: readonly string[]) => Origin): { readonly writtenAt?: WrittenAt } {
  if (traffic.policies.length === 0 && !rule.retry && !rule.timeouts) return {};
  return {
    writtenAt(field) {
      const inRule = fieldOfRule[field]?.(rule);
      return inRule ? at(inRule) : traffic.origin(...field.split('.'));
    },
  };
}
