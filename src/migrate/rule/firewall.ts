import { bool } from '../../nginx/form.ts';
import { firewallFinding } from '../firewall.ts';
import { foundAt, type Rule, requestOf, textOf } from '../scene.ts';

/** Annotations that say how it works. */
const parts = ['enable-owasp-core-rules', 'modsecurity-snippet', 'modsecurity-transaction-id'] as const;

/** The web application firewall of ingress-nginx, which Envoy does not have. */
export const firewall: Rule = function* (scene) {
  const { value } = scene.controller;
  for (const { ingress } of scene.ingresses) {
    const own = bool.read(textOf(scene, ingress, 'enable-modsecurity') ?? '');
    if (!(own ?? value('enable-modsecurity'))) continue;
    const finding = firewallFinding(
      {
        rules: [value('enable-modsecurity') ? value('modsecurity-snippet') : '', textOf(scene, ingress, 'modsecurity-snippet') ?? ''].join('\n'),
        hasCoreRules: bool.read(textOf(scene, ingress, 'enable-owasp-core-rules') ?? '') || value('enable-owasp-modsecurity-crs'),
      },
      requestOf(ingress),
    );
    yield own === undefined ? { ingress, annotation: null, at: ingress.origin(), ...finding } : foundAt(scene, ingress, 'enable-modsecurity', finding);
    for (const name of parts) {
      if (!textOf(scene, ingress, name)) continue;
      const message = 'A part of the firewall, which Sluice does not have; what is said of `enable-modsecurity` holds for it.';
      yield foundAt(scene, ingress, name, { ...finding, message, remedy: 'It goes with the firewall.' });
    }
  }
};
