import { isDeepStrictEqual } from 'node:util';
import { diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import { type EffectiveTraffic, effectiveTraffic, type TrafficSpec } from './effective.ts';
import type { TrafficPolicies, TrafficPolicy, TrafficTarget } from './policies.ts';

/** Where a rule stands: what may say something of its requests. */
export interface TrafficScope {
  readonly policies: TrafficPolicies;
  /** Those of the listener and its Gateway, the strongest first; empty for an Ingress and for calls between services. */
  readonly around: readonly TrafficPolicy[];
}

/** A Service that a rule sends requests to. Undefined: a backend of another kind, or none; no policy can be attached to it. */
type ServiceOfRule = { readonly namespace: string; readonly name: string } | undefined;

/** What TrafficPolicies say of the requests of a rule. */
export interface RuleTraffic {
  /** What holds for all requests of the rule, whichever backend takes them: the retries and time-outs of a route are of this kind. */
  readonly rule: EffectiveTraffic;
  /** What holds for the requests that go to one of its backends. */
  ofBackend(service: ServiceOfRule): EffectiveTraffic;
}

/** Fields that Envoy has once for a route, not for each share of it. */
const ofRoute = ['retries', 'timeouts', 'split', 'sessionAffinity'] as const satisfies readonly (keyof TrafficSpec)[];

/**
 * What holds for a rule: field by field rule > route or Ingress > listener > Gateway > Service.
 * Of the policies of Services only what all backends of the rule have in common holds for the rule: a canary's requests must not
 * be sent twice because the policy of the stable version allows it for that one. Gives `ServicePoliciesDiffer` where that matters.
 * @param targets the rule, then the object that it stands in.
 * @param services those of all backends, also of those without weight: a change of weights must not change retries.
 * @param at the rule.
 */
export function ruleTraffic(
  { policies, around }: TrafficScope,
  targets: readonly TrafficTarget[],
  services: readonly ServiceOfRule[],
  at: () => Origin,
  report: Report,
): RuleTraffic {
  const own = targets.map((target) => policies.of(target)).filter((policy) => policy !== undefined);
  const stronger = [...own, ...around];
  const ofBackend = (service: ServiceOfRule): EffectiveTraffic => {
    const weakest = service && policies.of({ kind: 'Service', ...service });
    return effectiveTraffic(weakest ? [...stronger, weakest] : stronger);
  };
  const [first, ...others] = services.map(ofBackend);
  const differing = ofRoute.filter((field) => others.some(({ spec }) => !isDeepStrictEqual(spec[field], first?.spec[field])));
  for (const field of differing) {
    const message = `The backends of this rule have not all the same \`${field}\` by TrafficPolicies of their Services, which a route has only once, so none of them holds here.`;
    report(diagnostic('ServicePoliciesDiffer', at(), message, `Write \`${field}\` into a TrafficPolicy for the rule or its route.`));
  }
  return { rule: first && differing.length === 0 ? first : withCommon(first, effectiveTraffic(stronger), differing), ofBackend };
}

/** What all backends have in common, and for the fields in which they differ what holds without their policies. */
function withCommon(first: EffectiveTraffic | undefined, stronger: EffectiveTraffic, differing: readonly (keyof TrafficSpec)[]): EffectiveTraffic {
  if (!first) return stronger;
  const source = (field: unknown): EffectiveTraffic => (differing.some((one) => one === field) ? stronger : first);
  const fields = Object.keys(first.spec) as (keyof TrafficSpec)[];
  const spec = Object.fromEntries(fields.map((field) => [field, source(field).spec[field]]).filter(([, value]) => value !== undefined));
  return { spec, policies: first.policies, origin: (...path) => source(path[0]).origin(...path) };
}
