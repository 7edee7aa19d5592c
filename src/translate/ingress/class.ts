import { diagnostic, type Report } from '../../diagnostic.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';

/** Controllers whose Ingresses are ours: those of ingress-nginx stay as they are. */
const ourControllers: readonly string[] = ['gateway.sluice.dev/ingress', 'k8s.io/ingress-nginx'];

/** Where the class stood before `ingressClassName`. */
const classAnnotation = 'kubernetes.io/ingress.class';

/**
 * Whether an Ingress is ours: every one is, unless its IngressClass object names another controller. Gives `ClassForeign`.
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
 */
export function isOurs(view: StoreView, ingress: Stored<'Ingress'>, report: Report): boolean {
  const { spec, metadata } = ingress.object;
  const fromField = spec.ingressClassName != null;
  const className = spec.ingressClassName ?? metadata.annotations?.[classAnnotation];
  const controller = className === undefined ? undefined : view.get('IngressClass', '', className)?.object.spec?.controller;
  if (controller === undefined || ourControllers.includes(controller)) return true;
  const at = ingress.origin(fromField ? ['spec', 'ingressClassName'] : ['metadata', 'annotations', classAnnotation]);
  report(diagnostic('ClassForeign', at, `The class ${className} belongs to the controller ${controller}, so the Ingress is ignored.`));
  return false;
}
