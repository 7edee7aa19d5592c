import type { Diagnostic } from '../diagnostic.ts';
import type { Kind } from '../kind/index.ts';
import { createSlot } from '../memo/slot.ts';
import { controllerOf } from '../nginx/controller.ts';
import type { Stored } from '../store/stored.ts';
import { isOurs } from '../translate/ingress/class.ts';
import { isSameList } from '../translate/same-list.ts';
import type { Work } from '../work.ts';
import type { Facts, WasProgrammed } from './facts.ts';
import { gatewayStatus } from './gateway.ts';
import { gatewayClassVerdicts } from './gateway-class.ts';
import { ownKindVerdicts } from './own-kind.ts';
import { backendTlsPolicyStatus, gatewaysByService, policyStatus } from './policy.ts';
import { routeStatus } from './route.ts';
import type { WantedStatus } from './said.ts';
import { observed, type Verdict } from './verdict.ts';

/** Kinds whose status Sluice writes. */
export const statusKinds = [
  'GatewayClass',
  'Gateway',
  'HTTPRoute',
  'GRPCRoute',
  'Ingress',
  'BackendTLSPolicy',
  'BackendPolicy',
  'TrafficPolicy',
  'Backend',
  'GatewayConfig',
  'GrpcJsonTranscoder',
  'Sidecar',
] as const satisfies readonly Kind[];

type StatusKind = (typeof statusKinds)[number];

/** What objects say of themselves. */
interface Identity {
  readonly uid: string;
  readonly generation: number;
}

/** What was wanted of an object, and from what it was made. */
interface Made {
  readonly diagnostics: string;
  readonly around: readonly unknown[];
  readonly wanted: WantedStatus | undefined;
}

/** Works out what is to be said of each object of a cluster. */
export type Wanting = (facts: Facts, wasProgrammed: WasProgrammed) => Work<readonly WantedStatus[]>;

/**
 * Remembers what it made of each object: the same is given again while the object, what is wrong with it, and what it depends
 * on are the same. Objects that come from files are left out.
 */
export function createWanting(): Wanting {
  const made = createSlot<Stored, Made>();

  return function* (facts, wasProgrammed) {
    const { view } = facts;
    const byObject = Map.groupBy(facts.diagnostics, ({ at }) => at.object ?? '');
    const aroundRoutes = [view.list('GatewayClass'), view.list('GatewayConfig'), view.list('Gateway'), view.list('Sidecar')];
    const aroundIngresses = [view.list('IngressClass'), view.list('Namespace'), facts.addresses];
    const gatewaysOf = lazily(() => gatewaysByService(facts));
    const controller = lazily(() => controllerOf(view, facts.ingress));

    function judge(object: Stored<StatusKind>, identity: Identity, diagnostics: readonly Diagnostic[]): WantedStatus | undefined {
      const conditions = (verdicts: readonly Verdict[] | undefined): WantedStatus | undefined =>
        verdicts && {
          object,
          ...identity,
          said: { type: 'conditions', conditions: observed(verdicts, identity.generation) },
          isSettling: false,
          isProgrammed: false,
        };
      switch (object.kind) {
        case 'GatewayClass':
          return conditions(gatewayClassVerdicts(object, diagnostics, facts));
        case 'Gateway':
          return gatewayStatus(object, identity, diagnostics, facts, wasProgrammed);
        case 'HTTPRoute':
        case 'GRPCRoute':
          return routeStatus(object, identity, diagnostics, facts, wasProgrammed);
        case 'BackendPolicy':
        case 'TrafficPolicy':
          return policyStatus(object, identity, diagnostics);
        case 'BackendTLSPolicy':
          return backendTlsPolicyStatus(object, identity, diagnostics, gatewaysOf());
        case 'Ingress':
          if (!facts.addresses || facts.ingress.updatesStatus === false || !isOurs(view, object, controller().flags, () => undefined)) return undefined;
          return { object, ...identity, said: { type: 'loadBalancer', addresses: facts.addresses }, isSettling: false, isProgrammed: false };
        default:
          return conditions(ownKindVerdicts(diagnostics));
      }
    }

    /** All that a status depends on besides its object and what is wrong with it: other ones where it changed. Undefined: too much to be compared. */
    function aroundOf(kind: StatusKind): readonly unknown[] | undefined {
      if (kind === 'HTTPRoute' || kind === 'GRPCRoute') return aroundRoutes;
      if (kind === 'Ingress') return aroundIngresses;
      return kind === 'Gateway' || kind === 'GatewayClass' || kind === 'BackendTLSPolicy' ? undefined : [];
    }

    function wantedOf(object: Stored<StatusKind>): WantedStatus | undefined {
      const { uid, generation = 0 } = object.object.metadata as { readonly uid?: string; readonly generation?: number };
      const { file, object: text = '' } = object.origin();
      if (uid === undefined || file !== undefined) return undefined;
      const diagnostics = byObject.get(text) ?? [];
      const around = aroundOf(object.kind);
      if (around === undefined) return judge(object, { uid, generation }, diagnostics);
      const key = diagnostics.map(({ code, message, at }) => `${code} ${at.field} ${message}`).join('\n');
      const known = made.get(object);
      if (known && known.diagnostics === key && isSameList(known.around, around) && !known.wanted?.isSettling) return known.wanted;
      const wanted = judge(object, { uid, generation }, diagnostics);
      made.set(object, { diagnostics: key, around, wanted });
      return wanted;
    }

    const found: WantedStatus[] = [];
    for (const kind of statusKinds) {
      for (const object of view.list(kind) as readonly Stored<StatusKind>[]) {
        const wanted = wantedOf(object);
        if (wanted) found.push(wanted);
        yield;
      }
    }
    return found;
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
