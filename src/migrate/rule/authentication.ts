import { foundAt, type Rule, requestOf, textOf } from '../scene.ts';

/** Passwords by digest, which Envoy has no filter for. */
export const digest: Rule = function* (scene) {
  for (const { ingress } of scene.ingresses) {
    if (textOf(scene, ingress, 'auth-type')?.trim() !== 'digest') continue;
    const message = 'ingress-nginx: asks for a password by digest. Sluice: keeps the paths closed, with 503, as it cannot check one.';
    yield foundAt(scene, ingress, 'auth-type', {
      level: 'unsupported',
      message,
      example: requestOf(ingress),
      remedy: 'Use `auth-type: basic` over HTTPS with new passwords, or `auth-url`.',
    });
  }
};
