import { declaredNames } from '../declared.ts';
import { foundAt, isIdleOnCanary, type Rule, writtenOn } from '../scene.ts';

/** Annotations that stand on the Ingress of a canary in vain. What drops the whole Ingress is told with the other mistakes. */
export const canary: Rule = function* (scene) {
  const { annotationsPrefix } = scene.controller.flags;
  for (const { ingress, reading } of scene.ingresses) {
    for (const name of declaredNames.keys()) {
      const isWritten = writtenOn(ingress)[`${annotationsPrefix}/${name}`] !== undefined;
      if (!isWritten || !isIdleOnCanary(scene, ingress, name) || reading.dropped?.annotation === name) continue;
      yield foundAt(scene, ingress, name, {
        level: 'inert',
        message: 'The Ingress is a canary, on which it is ignored by both: for its requests what the main Ingress says holds.',
        remedy: 'Remove it, or write it on the main Ingress.',
      });
    }
  }
};
