import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { StoreView } from '../store/view.ts';

/** The end of a reference that points: an object of this group and kind. */
export interface Referrer {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** The object that is pointed at. */
export interface Referent extends Referrer {
  readonly name: string;
}

/**
 * Whether a reference may be followed: within a namespace always, into another one only where a ReferenceGrant there says so.
 * @see https://gateway-api.sigs.k8s.io/api-types/referencegrant/
 */
function isGranted(view: StoreView, from: Referrer, to: Referent): boolean {
  if (from.namespace === to.namespace) return true;
  return view.list('ReferenceGrant').some(({ namespace, object: { spec } }) => {
    if (namespace !== to.namespace) return false;
    const fromIt = spec.from.some((one) => one.group === from.group && one.kind === from.kind && one.namespace === from.namespace);
    return fromIt && spec.to.some((one) => one.group === to.group && one.kind === to.kind && (one.name === undefined || one.name === to.name));
  });
}

/** As `isGranted`; a reference that is not permitted is reported as `RefNotPermitted`. */
export function checkGrant(view: StoreView, from: Referrer, to: Referent, at: () => Origin, report: Report): boolean {
  if (isGranted(view, from, to)) return true;
  report(
    diagnostic(
      'RefNotPermitted',
      at(),
      `The ${from.kind} may not refer to ${to.kind} ${to.namespace}/${to.name}: no ReferenceGrant in ${to.namespace} allows it, so the reference counts as unresolved.`,
      `Add a ReferenceGrant in ${to.namespace} from ${from.kind} of ${from.namespace} to ${to.kind} ${to.name}, or refer to an object in ${from.namespace}.`,
    ),
  );
  return false;
}
