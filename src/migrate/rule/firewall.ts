import { foundAt, type Rule, requestOf, textOf } from '../scene.ts';

/** The web application firewall of ingress-nginx, which Envoy does not have. */
export const firewall: Rule = function* (scene) {
  const isOnForAll = scene.controller.value('enable-modsecurity');
  for (const { ingress } of scene.ingresses) {
    const written = textOf(scene, ingress, 'enable-modsecurity');
    const isOn = written === undefined ? isOnForAll : written === 'true';
    if (!isOn) continue;
    const annotation = ['enable-modsecurity', 'modsecurity-snippet', 'enable-owasp-core-rules'].find((name) => textOf(scene, ingress, name) !== undefined);
    const message = 'ingress-nginx: ModSecurity looks at each request and refuses attacks. Sluice: there is no firewall, so they reach the backend.';
    const remedy = 'Do not move it before there is another one: in front of Envoy, or Coraza as a WebAssembly filter.';
    const finding = { level: 'dangerous', message, example: `${requestOf(ingress)}?id=1%20UNION%20SELECT%201`, remedy } as const;
    yield annotation === undefined ? { ingress, annotation: null, at: ingress.origin(), ...finding } : foundAt(scene, ingress, annotation, finding);
  }
};
