import { foundAt, type Rule, requestOf } from '../scene.ts';

/** What ingress-nginx does not take as it is written: it drops the Ingress, closes its paths, or passes over the annotation. */
export const mistakes: Rule = function* (scene) {
  for (const { ingress, reading } of scene.ingresses) {
    const { dropped, denied, ignored } = reading;
    if (dropped) {
      const message = `The whole Ingress served nothing until now: ingress-nginx drops it, as ${dropped.message}. Sluice drops it too. Mended, it goes live.`;
      const remedy = 'Ask whether anybody needs it; delete it, or remove the annotation and test what then becomes reachable.';
      yield foundAt(scene, ingress, dropped.annotation, { level: 'dangerous', message, example: `${requestOf(ingress)} is answered with 404`, remedy });
    } else if (denied) {
      const message = `All paths of the Ingress are answered with 503 by both: ${denied.message}.`;
      yield foundAt(scene, ingress, denied.annotation, {
        level: 'inert',
        message,
        example: `${requestOf(ingress)} is answered with 503`,
        remedy: 'Mend it where the Ingress is to be served.',
      });
    }
    for (const { annotation, message } of ignored) {
      yield foundAt(scene, ingress, annotation, {
        level: 'inert',
        message: `ingress-nginx passes over it, and so does Sluice: ${message}.`,
        remedy: 'Mend it or remove it.',
      });
    }
  }
};
