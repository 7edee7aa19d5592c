import type { Diagnostic } from '../diagnostic.ts';
import { annotationOrigin } from '../nginx/annotation-origin.ts';
import { type Controller, controllerOf } from '../nginx/controller.ts';
import { canary } from '../nginx/family/canary.ts';
import { readIngress } from '../nginx/ingress-reading.ts';
import type { Settings } from '../settings.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { holdingOnCanary } from '../translate/ingress/canaries.ts';
import { isOurs } from '../translate/ingress/class.ts';
import type { ReadIngress } from '../translate/ingress/location.ts';
import { compareOwners } from '../translate/precedence.ts';
import type { Finding, IngressFinding } from './finding.ts';
import { examplePaths } from './verify/example-path.ts';

/** What rules look at. */
export interface Scene {
  readonly view: StoreView;
  readonly controller: Controller;
  /** All that ingress-nginx would read, oldest first; the ones that it drops too. */
  readonly ingresses: readonly ReadIngress[];
  /** Those of them that are canaries: most of their annotations are ignored. */
  readonly canaries: ReadonlySet<Stored<'Ingress'>>;
  /** What translating the same objects told. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds something in what somebody has. */
export type Rule = (scene: Scene) => Iterable<IngressFinding>;

/** @param diagnostics of a build of the same objects. */
export function sceneOf(view: StoreView, settings: Pick<Settings, 'ingress'>, diagnostics: readonly Diagnostic[]): Scene {
  const controller = controllerOf(view, settings.ingress);
  const ours = view.list('Ingress').filter((ingress) => isOurs(view, ingress, controller.flags, () => {}));
  const ingresses = ours.toSorted(compareOwners).map((ingress) => ({ ingress, reading: readIngress(ingress, controller, view) }));
  const canaries = new Set(ingresses.flatMap(({ ingress, reading }) => (reading.of(canary) ? [ingress] : [])));
  return { view, controller, ingresses, canaries, diagnostics };
}

/** The annotation keys of an Ingress with what they say. */
export function writtenOn(ingress: Stored<'Ingress'>): Readonly<Record<string, string>> {
  return ingress.object.metadata.annotations ?? {};
}

/** What an annotation of ingress-nginx says, undefined where it is not there or stands on a canary, which has no use for it. @param name without the prefix. */
export function textOf(scene: Scene, ingress: Stored<'Ingress'>, name: string): string | undefined {
  return isIdleOnCanary(scene, ingress, name) ? undefined : writtenOn(ingress)[`${scene.controller.flags.annotationsPrefix}/${name}`];
}

/** Whether an annotation is ignored since its Ingress is a canary. @param name without the prefix. */
export function isIdleOnCanary({ canaries }: Scene, ingress: Stored<'Ingress'>, name: string): boolean {
  return canaries.has(ingress) && !holdingOnCanary.has(name);
}

/** A finding at an annotation of ingress-nginx. @param name without the prefix. */
export function foundAt({ controller }: Scene, ingress: Stored<'Ingress'>, name: string, finding: Finding): IngressFinding {
  return { ingress, annotation: name, at: annotationOrigin(ingress, controller, name), ...finding };
}

/** A request that an Ingress is for. @param field a place in it, as `spec.rules[1].http.paths[0].backend`: one that this place is about. */
export function requestOf(ingress: Stored<'Ingress'>, field = ''): string {
  const { rules, tls } = ingress.object.spec;
  const [, item] = /^spec\.tls\[(\d+)\]/.exec(field) ?? [];
  if (item !== undefined) return `GET https://${tls?.[Number(item)]?.hosts?.[0] ?? hostOf(ingress)}/`;
  const [, rule = 0, index = 0] = /^spec\.rules\[(\d+)\](?:\.http\.paths\[(\d+)\])?/.exec(field) ?? [];
  const path = rules?.[Number(rule)]?.http?.paths[Number(index)]?.path || '/';
  const isExpression = /[\\^$|?*+()[\]{}]/.test(path);
  return `GET http://${hostOf(ingress, Number(rule))}${(isExpression && examplePaths(path)[0]) || path}`;
}

/** The same for what a declaration has as an example of any Ingress, `POST /a with a body`. Undefined: there is none. */
export function exampleFor(ingress: Stored<'Ingress'>, example: string | undefined): string {
  const [, method, path = '', rest = ''] = /^([A-Z]+) (\/[^\s,]*)(.*)$/s.exec(example ?? '') ?? [];
  if (method === undefined) return example?.replace('HOST', hostOf(ingress)) ?? requestOf(ingress);
  const [, url = ''] = requestOf(ingress).split(' ');
  return `${method} ${/^\/(?:\?|$)/.test(path) ? `${url}${path.slice(1)}` : `${url.replace(/\/$/, '')}${path}`}${rest}`;
}

/** One that an Ingress is for: of a wildcard one below it. */
function hostOf(ingress: Stored<'Ingress'>, rule = 0): string {
  return (ingress.object.spec.rules?.[rule]?.host || 'any.host').replace(/^\*/, 'any');
}
