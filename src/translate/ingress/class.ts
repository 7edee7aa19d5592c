import { diagnostic, type Report } from '../../diagnostic.ts';
import type { IngressSettings } from '../../settings.ts';
import type { FieldPath, Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';
import { selectsLabels } from '../label-selector.ts';

/** Controllers whose Ingresses are ours: those of ingress-nginx stay as they are. */
const ourController = 'gateway.sluice.dev/ingress';
const nginxController = 'k8s.io/ingress-nginx';

/** Where the class stood before `ingressClassName`. */
const classAnnotation = 'kubernetes.io/ingress.class';

/**
 * Whether an Ingress is ours: every one is, unless its IngressClass object names another controller. Where a class or a controller is
 * set, those are that ingress-nginx takes with the same flags, and those of a class of that name which no object describes.
 * Gives `ClassForeign`.
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/multiple-ingress/
 */
export function isOurs(view: StoreView, ingress: Stored<'Ingress'>, settings: IngressSettings, report: Report): boolean {
  const foreign =
    isElsewhere(view, ingress, settings) ?? (isStrict(ingress, settings) ? foreignByFlags(view, ingress, settings) : foreignByClass(view, ingress));
  if (foreign) report(diagnostic('ClassForeign', ingress.origin(foreign.field), `${foreign.why}, so the Ingress is ignored.`));
  return foreign === undefined;
}

/** Why an Ingress is not ours, and which of its fields says so. */
interface Foreign {
  readonly why: string;
  readonly field: FieldPath;
}

function isStrict(ingress: Stored<'Ingress'>, { ingressClass, controllerClass, choosesOnlyOfCluster }: IngressSettings): boolean {
  if (choosesOnlyOfCluster && ingress.origin().file !== undefined) return false;
  return ingressClass !== undefined || controllerClass !== undefined;
}

const nameField: FieldPath = ['spec', 'ingressClassName'];
const annotationField: FieldPath = ['metadata', 'annotations', classAnnotation];

function isElsewhere(view: StoreView, { namespace, object }: Stored<'Ingress'>, settings: IngressSettings): Foreign | undefined {
  const { watchNamespace, watchNamespaceSelector, servesCatchAll } = settings;
  const field = ['metadata', 'namespace'];
  if (watchNamespace !== undefined && namespace !== watchNamespace) return { why: `Only the namespace ${watchNamespace} is watched`, field };
  if (watchNamespaceSelector !== undefined) {
    const labels = view.get('Namespace', '', namespace)?.object.metadata.labels ?? {};
    if (!selectsLabels(watchNamespaceSelector, labels)) return { why: `The namespace ${namespace} is not one with ${watchNamespaceSelector}`, field };
  }
  if (!servesCatchAll && object.spec.defaultBackend && (object.spec.rules ?? []).length === 0) {
    return { why: '--disable-catch-all leaves out Ingresses with a default backend and no rules', field: ['spec', 'defaultBackend'] };
  }
  return undefined;
}

function foreignByClass(view: StoreView, { object: { spec, metadata } }: Stored<'Ingress'>): Foreign | undefined {
  const className = spec.ingressClassName ?? metadata.annotations?.[classAnnotation];
  const controller = className === undefined ? undefined : view.get('IngressClass', '', className)?.object.spec?.controller;
  if (controller === undefined || controller === ourController || controller === nginxController) return undefined;
  return { why: `The class ${className} belongs to the controller ${controller}`, field: spec.ingressClassName == null ? annotationField : nameField };
}

function foreignByFlags(view: StoreView, { object: { spec, metadata } }: Stored<'Ingress'>, settings: IngressSettings): Foreign | undefined {
  const { ingressClass = 'nginx', controllerClass = nginxController, matchesClassByName, watchesWithoutClass } = settings;
  const annotation = metadata.annotations?.[classAnnotation];
  if (annotation) return annotation === ingressClass ? undefined : { why: `Its class ${annotation} is not ${ingressClass}`, field: annotationField };
  const className = spec.ingressClassName;
  if (className == null) {
    return watchesWithoutClass ? undefined : { why: 'It names no class, and --watch-ingress-without-class is not set', field: ['spec'] };
  }
  const object = view.get('IngressClass', '', className);
  if (className === ingressClass && (matchesClassByName || !object)) return undefined;
  const controller = object?.object.spec?.controller;
  // A class of ours says so itself, whichever others were chosen besides.
  if (controller === controllerClass || controller === ourController) return undefined;
  const why = object ? `The class ${className} belongs to the controller ${controller ?? 'of nobody'}` : `The class ${className} is not ${ingressClass}`;
  return { why, field: nameField };
}
