import type { Stored } from '../../store/stored.ts';
import type { Rule, Scene } from '../scene.ts';
import { textOf } from '../scene.ts';

/** Paths that became expressions, as another Ingress of their host name has one. */
export const regexHosts: Rule = function* (scene) {
  const makers = new Map<string, Stored<'Ingress'>>();
  for (const { ingress, reading } of scene.ingresses) {
    if (reading.dropped || !makesExpressions(scene, ingress)) continue;
    for (const { host = '' } of ingress.object.spec.rules ?? []) if (!makers.has(host)) makers.set(host, ingress);
  }
  for (const { ingress, reading } of scene.ingresses) {
    // A canary has no paths of its own.
    if (reading.dropped || scene.canaries.has(ingress) || makesExpressions(scene, ingress)) continue;
    for (const [ruleIndex, { host = '', http }] of (ingress.object.spec.rules ?? []).entries()) {
      const maker = makers.get(host);
      if (!maker) continue;
      for (const [index, { path = '/', pathType }] of (http?.paths ?? []).entries()) {
        if (path === '/' && pathType !== 'Exact') continue;
        const message = `Ingress ${maker.namespace}/${maker.name} makes every path of the host name an expression that ignores case and fits every longer path, on both; so ${pathType} ${path} takes more than it says.`;
        const at = ingress.origin(['spec', 'rules', ruleIndex, 'http', 'paths', index]);
        const remedy = 'Give the paths with expressions a host name of their own, or write HTTPRoutes.';
        yield { ingress, annotation: null, at, level: 'inert', message, example: `GET http://${host || 'any.host'}${path}ly`, remedy };
      }
    }
  }
};

function makesExpressions(scene: Scene, ingress: Stored<'Ingress'>): boolean {
  return textOf(scene, ingress, 'use-regex') === 'true' || !!textOf(scene, ingress, 'rewrite-target');
}
