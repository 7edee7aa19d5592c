import { declaredNames } from '../declared.ts';
import { exampleFor, foundAt, type Rule, requestOf } from '../scene.ts';

/** What ingress-nginx does not take as it is written: it drops the Ingress, closes its paths, or passes over the annotation. */
export const mistakes: Rule = function* (scene) {
  for (const { ingress, reading } of scene.ingresses) {
    const { dropped, denied, ignored, unsupported } = reading;
    if (dropped) {
      const message = `The whole Ingress served nothing until now: ingress-nginx drops it, as ${dropped.message}. Sluice drops it too. Mended, it goes live.`;
      const remedy = 'Ask whether anybody needs it; delete it, or remove the annotation and test what then becomes reachable.';
      yield foundAt(scene, ingress, dropped.annotation, { level: 'dangerous', message, example: `${requestOf(ingress)} is answered with 404`, remedy });
    } else if (denied?.isUnsupported) {
      const message = `ingress-nginx: serves the paths. Sluice: answers all of them with 503, as ${denied.message}.`;
      const remedy = 'Do not move it before something else checks who may come in: `auth-url`, or a proxy in front.';
      yield foundAt(scene, ingress, denied.annotation, { level: 'unsupported', message, example: requestOf(ingress), remedy });
    } else if (denied) {
      const message = `All paths of the Ingress are answered with 503 by both: ${denied.message}.`;
      const remedy = 'Mend it where the Ingress is to be served.';
      yield foundAt(scene, ingress, denied.annotation, { level: 'inert', message, example: requestOf(ingress), remedy });
    }
    for (const { annotation, message, isUnsupported } of [...ignored, ...unsupported.map((one) => ({ ...one, isUnsupported: true }))]) {
      const { nginx = 'Does it.', example = undefined, remedy: instead = 'Do without it.' } = declaredNames.get(annotation)?.annotation.difference ?? {};
      const lacking = { level: 'unsupported', message: `ingress-nginx: ${nginx} Sluice: Serves the Ingress without it: ${message}.` } as const;
      const idle = { level: 'inert', message: `ingress-nginx passes over it, and so does Sluice: ${message}.` } as const;
      const remedy = isUnsupported ? instead : 'Mend it or remove it.';
      yield foundAt(scene, ingress, annotation, { ...(isUnsupported ? { ...lacking, example: exampleFor(ingress, example) } : idle), remedy });
    }
  }
};
