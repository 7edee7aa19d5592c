import type { Report } from '../../diagnostic.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';
import { attachedPolicies, type PolicyReference } from '../policy/attached.ts';

/** A TrafficPolicy as it was read. */
export type TrafficPolicy = Stored<'TrafficPolicy'>;

/** What a TrafficPolicy can be attached to. */
export interface TrafficTarget {
  readonly kind: 'Gateway' | 'HTTPRoute' | 'GRPCRoute' | 'Ingress' | 'Service';
  readonly namespace: string;
  readonly name: string;
  /** Name of a listener or of a rule. Undefined: the object as a whole. */
  readonly section?: string | undefined;
}

/** Finds the TrafficPolicies of targets. */
export interface TrafficPolicies {
  /** Whether no policy is attached to anything. */
  readonly isEmpty: boolean;
  /** The policy that names exactly this target; undefined: none. */
  of(target: TrafficTarget): TrafficPolicy | undefined;
  /** Those of a listener, the strongest first: its own, then that of its Gateway. */
  ofListener(namespace: string, gateway: string, listener: string): readonly TrafficPolicy[];
}

/**
 * Sorts TrafficPolicies by what they are attached to.
 * Gives `PolicyConflict` where an older policy has the same target, `PolicyTargetNotFound` where the target does not exist.
 */
export function createTrafficPolicies(view: StoreView, report: Report): TrafficPolicies {
  const policies = view.list('TrafficPolicy');
  const remedy = 'Name a Gateway or one of its listeners, a route or one of its rules, an Ingress, or a Service of the same namespace.';
  const byTarget = attachedPolicies(policies, (reference) => keyOfReference(view, reference), remedy, report);
  const of = (target: TrafficTarget): TrafficPolicy | undefined => (byTarget.size === 0 ? undefined : byTarget.get(keyOf(target)));
  return {
    isEmpty: byTarget.size === 0,
    of,
    ofListener(namespace, name, section) {
      const gateway = { kind: 'Gateway', namespace, name } as const;
      return [of({ ...gateway, section }), of(gateway)].filter((policy) => policy !== undefined);
    },
  };
}

function keyOf({ kind, namespace, name, section }: TrafficTarget): string {
  return `${kind}/${namespace}/${name}/${section ?? ''}`;
}

function keyOfReference(view: StoreView, { kind, namespace, name, sectionName }: PolicyReference): string | { readonly missing: string } {
  const target = targetKinds.find((one) => one === kind);
  const object = target && view.get(target, namespace, name);
  if (!target || !object) return { missing: `There is no ${kind} ${namespace}/${name}` };
  if (sectionName === undefined) return keyOf({ kind: target, namespace, name });
  const what = target === 'Gateway' ? 'listener' : 'rule';
  if (sectionsOf(object).includes(sectionName)) return keyOf({ kind: target, namespace, name, section: sectionName });
  return { missing: `${kind} ${namespace}/${name} has no ${what} with the name ${sectionName}` };
}

const targetKinds = ['Gateway', 'HTTPRoute', 'GRPCRoute', 'Ingress', 'Service'] as const;

/** Names of the listeners of a Gateway, or of the rules of a route that have one. */
function sectionsOf(object: Stored<(typeof targetKinds)[number]>): readonly string[] {
  switch (object.kind) {
    case 'Gateway':
      return object.object.spec.listeners.map(({ name }) => name);
    case 'HTTPRoute':
    case 'GRPCRoute':
      return (object.object.spec.rules ?? []).flatMap(({ name }) => name ?? []);
    default:
      return [];
  }
}
