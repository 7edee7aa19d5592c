import type { Diagnostic } from '../diagnostic.ts';
import type { ParentReference } from '../kind/gateway/references.ts';
import type { Stored } from '../store/stored.ts';
import { gatewaySettings, isOurGateway } from '../translate/gateway-settings.ts';
import { controllerName, type WantedEntry } from './entries.ts';
import type { Facts, WasProgrammed } from './facts.ts';
import { programmedVerdict } from './programmed.ts';
import type { Reference, WantedStatus } from './said.ts';
import { faultsOf, isWithin, messageOf, observed, type Verdict, verdict } from './verdict.ts';

type Route = Stored<'HTTPRoute'> | Stored<'GRPCRoute'>;

/** A parent of a route that Sluice answers for. */
interface OwnParent {
  readonly parentRef: ParentReference;
  /** Its place in `spec.parentRefs`. */
  readonly index: number;
  /** Undefined: it is a Service, for sidecars, or a Gateway that is not served itself. */
  readonly group?: string;
  /** The Gateway is not served itself. */
  readonly isBroken: boolean;
}

/** What is said of a route for each of its parents that are ours. Undefined: there never was one. */
export function routeStatus(
  route: Route,
  { uid, generation }: Pick<WantedStatus, 'uid' | 'generation'>,
  diagnostics: readonly Diagnostic[],
  facts: Facts,
  wasProgrammed: WasProgrammed,
): WantedStatus {
  const general = diagnostics.filter((one) => !isWithin(one, 'spec.parentRefs'));
  const rules = rulesVerdicts(route, faultsOf(general, 'Accepted'));
  const resolved = verdict('ResolvedRefs', 'ResolvedRefs', faultsOf(general, 'ResolvedRefs'));
  const parents = ownParents(route, facts);
  let isSettling = false;
  let isProgrammed = parents.length > 0;
  const entries = parents.map(({ parentRef, index, group, isBroken }): WantedEntry<{ readonly parentRef: Reference }> => {
    const atParent = faultsOf(
      diagnostics.filter((one) => isWithin(one, `spec.parentRefs[${index}]`)),
      'Accepted',
    );
    const accepted = isBroken ? [brokenParent] : atParent.length > 0 ? [verdict('Accepted', 'Accepted', atParent)] : rules;
    if (group === undefined || accepted[0]?.status !== 'True') {
      isProgrammed = false;
      return { parentRef, controllerName, conditions: observed([...accepted, resolved], generation) };
    }
    const inForce = programmedVerdict({ group, facts: facts.groups.get(group), faults: [], was: wasProgrammed(uid, generation), tellsOfNobody: false });
    isSettling ||= inForce.isSettling;
    isProgrammed &&= inForce.verdict.status === 'True';
    return { parentRef, controllerName, conditions: observed([...accepted, resolved, inForce.verdict], generation) };
  });
  return { object: route, uid, generation, said: { type: 'parents', entries }, isSettling, isProgrammed };
}

const brokenParent: Verdict = {
  type: 'Accepted',
  status: 'False',
  reason: 'NoMatchingParent',
  message: 'The Gateway is not served itself; its own conditions say why.',
};

function ownParents(route: Route, { view }: Facts): readonly OwnParent[] {
  return (route.object.spec.parentRefs ?? []).flatMap((parentRef, index): readonly OwnParent[] => {
    const { group = 'gateway.networking.k8s.io', kind = 'Gateway', namespace = route.namespace, name } = parentRef;
    // Others may have a mesh in the same cluster.
    if (group === '' && kind === 'Service') return view.list('Sidecar').length > 0 ? [{ parentRef, index, isBroken: false }] : [];
    const gateway = group === 'gateway.networking.k8s.io' && kind === 'Gateway' ? view.get('Gateway', namespace, name) : undefined;
    if (!gateway || !isOurGateway(view, gateway)) return [];
    const settings = gatewaySettings(view, gateway, () => undefined);
    return [settings ? { parentRef, index, group: settings.group, isBroken: false } : { parentRef, index, isBroken: true }];
  });
}

/** A route some of whose rules are wrong is accepted for the sake of the others. @see https://gateway-api.sigs.k8s.io/reference/spec/#routeconditiontype */
function rulesVerdicts(route: Route, faults: readonly Diagnostic[]): readonly Verdict[] {
  const count = route.object.spec.rules?.length ?? 0;
  const inRules = faults.map((fault) => /^spec\.rules\[(\d+)\]/.exec(fault.at.field ?? '')?.[1]);
  const isPartial = faults.length > 0 && !inRules.includes(undefined) && new Set(inRules).size < count;
  if (!isPartial) return [verdict('Accepted', 'Accepted', faults)];
  const accepted = verdict('Accepted', 'Accepted', []);
  return [accepted, { type: 'PartiallyInvalid', status: 'True', reason: 'UnsupportedValue', message: messageOf(faults) }];
}
