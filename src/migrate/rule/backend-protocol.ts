import { foundAt, type Rule, requestOf, textOf } from '../scene.ts';

/** Protocols of backends that Envoy does not speak, or speaks in another way. */
export const backendProtocol: Rule = function* (scene) {
  for (const { ingress } of scene.ingresses) {
    const protocol = textOf(scene, ingress, 'backend-protocol')?.trim().toUpperCase();
    if (protocol === 'FCGI') {
      const message = 'ingress-nginx: speaks FastCGI with the backend. Sluice: Envoy does not know FastCGI, so the paths are answered with an error.';
      const remedy = 'Put a server that speaks HTTP beside the FastCGI process, as php-fpm images with nginx do.';
      yield foundAt(scene, ingress, 'backend-protocol', { level: 'unsupported', message, example: requestOf(ingress), remedy });
    }
    if (protocol === 'AUTO_HTTP') {
      const message = 'ingress-nginx: speaks with the backend as the client does, HTTP or HTTPS. Sluice: does the same by a backend for each of the two ports.';
      const remedy = 'Write HTTP or HTTPS where the backend knows one of the two only.';
      yield foundAt(scene, ingress, 'backend-protocol', { level: 'near', message, example: requestOf(ingress).replace('http:', 'https:'), remedy });
    }
  }
};
