import type { Diagnostic } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { gatewayController, isOurGateway } from '../translate/gateway-settings.ts';
import { controllerName } from './entries.ts';
import type { Facts } from './facts.ts';
import type { Reference, Said } from './said.ts';
import { messageOf, observed } from './verdict.ts';

/** Kinds of which it is said that nothing of an object is used. */
const refusedKinds = ['Gateway', 'HTTPRoute', 'GRPCRoute'] as const;

/** An object of a cluster of which no form was ever valid, so that nothing of it is in use. */
export interface RefusedObject {
  readonly kind: (typeof refusedKinds)[number];
  readonly namespace: string;
  readonly name: string;
  readonly faults: readonly Diagnostic[];
}

/** What of such an object can be read whatever is wrong with it. */
export interface UnreadObject {
  readonly metadata: { readonly namespace?: string; readonly generation?: number };
  readonly spec?: { readonly parentRefs?: unknown; readonly gatewayClassName?: unknown };
}

/** Objects whose mistakes are known and that are not there in any form. */
export function refusedObjects({ view, diagnostics }: Pick<Facts, 'view' | 'diagnostics'>): readonly RefusedObject[] {
  const faults = diagnostics.filter(({ code, at }) => code === 'InvalidField' && at.file === undefined && at.object !== undefined);
  return [...Map.groupBy(faults, ({ at }) => at.object ?? '')].flatMap(([text, ofOne]): RefusedObject[] => {
    const [written = '', path = ''] = text.split(' ');
    const [namespace = '', name = ''] = path.split('/');
    const kind = refusedKinds.find((one) => one === written);
    return kind && name !== '' && !view.get(kind, namespace, name) ? [{ kind, namespace, name, faults: ofOne }] : [];
  });
}

/** What is to be said of it. Undefined: nothing, as it is another controller's or nobody can know whose. */
export function saidOfRefused({ kind, faults }: Pick<RefusedObject, 'kind' | 'faults'>, live: UnreadObject, view: StoreView): Said | undefined {
  const { namespace = '', generation = 0 } = live.metadata;
  const message = messageOf(faults);
  const no = (type: string, reason: string) => ({ type, status: 'False', reason, message }) as const;
  if (kind === 'Gateway') {
    if (!isOfOurs(live.spec?.gatewayClassName, view)) return undefined;
    return { type: 'conditions', conditions: observed([no('Accepted', 'Invalid'), no('Programmed', 'Invalid')], generation) };
  }
  const parents = ourParents(live.spec?.parentRefs, namespace, view);
  const conditions = observed([no('Accepted', 'UnsupportedValue')], generation);
  return parents.length > 0 ? { type: 'parents', entries: parents.map((parentRef) => ({ parentRef, controllerName, conditions })) } : undefined;
}

function isOfOurs(className: unknown, view: StoreView): boolean {
  const gatewayClass = typeof className === 'string' ? view.get('GatewayClass', '', className) : undefined;
  return gatewayClass?.object.spec.controllerName === gatewayController;
}

/** The API server has checked the form of references. */
function ourParents(parentRefs: unknown, ownNamespace: string, view: StoreView): readonly Reference[] {
  const written = Array.isArray(parentRefs) ? (parentRefs as readonly Reference[]) : [];
  return written.filter(({ group = 'gateway.networking.k8s.io', kind = 'Gateway', namespace = ownNamespace, name }) => {
    const gateway: Stored<'Gateway'> | undefined =
      group === 'gateway.networking.k8s.io' && kind === 'Gateway' ? view.get('Gateway', namespace, name) : undefined;
    return gateway !== undefined && isOurGateway(view, gateway);
  });
}
