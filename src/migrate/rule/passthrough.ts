import { foundAt, type Rule, textOf } from '../scene.ts';

/** Raw TLS to the backend, which ingress-nginx does with a flag only. */
export const passthrough: Rule = function* (scene) {
  // With the flag the declaration says what happens.
  if (scene.controller.flags.passesTlsThrough) return;
  for (const { ingress } of scene.ingresses) {
    if (textOf(scene, ingress, 'ssl-passthrough') !== 'true') continue;
    const message =
      'It acts only where the controller has the flag `--enable-ssl-passthrough`: then the host name goes as raw TLS to the Service of its path `/`, and all other annotations and paths are passed over.';
    yield foundAt(scene, ingress, 'ssl-passthrough', { level: 'inert', message, remedy: 'Remove it where the controller does not have the flag.' });
  }
};
