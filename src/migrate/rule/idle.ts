import { declaredNames } from '../declared.ts';
import { foundAt, isIdleOnCanary, type Rule, textOf } from '../scene.ts';

/** Annotations that do nothing without another one. */
const companions: readonly { readonly names: RegExp; readonly needs: string; readonly isThere: (text: string | undefined) => boolean }[] = [
  { names: /^canary-/, needs: '`canary: "true"`', isThere: (text) => isTrue(text) },
  { names: /^cors-/, needs: '`enable-cors: "true"`', isThere: (text) => isTrue(text) },
  { names: /^(session-cookie-|affinity-)/, needs: '`affinity: cookie`', isThere: (text) => text?.trim() === 'cookie' },
  { names: /^auth-(secret|secret-type|realm)$/, needs: '`auth-type`', isThere: (text) => !!text },
  {
    names:
      /^auth-(method|signin|signin-redirect-param|cache-key|cache-duration|response-headers|proxy-set-headers|request-redirect|always-set-cookie|snippet)$/,
    needs: '`auth-url`',
    isThere: (text) => !!text,
  },
  { names: /^mirror-(host|request-body)$/, needs: '`mirror-target`', isThere: (text) => !!text },
  { names: /^(enable-owasp-core-rules|modsecurity-)/, needs: '`enable-modsecurity: "true"`', isThere: isTrue },
  { names: /^upstream-hash-by-/, needs: '`upstream-hash-by`', isThere: (text) => !!text },
  { names: /^limit-rate(-after)?$/, needs: '`proxy-buffering: "on"`', isThere: (text) => text?.trim() === 'on' },
  { names: /^fastcgi-/, needs: '`backend-protocol: FCGI`', isThere: (text) => text?.trim().toUpperCase() === 'FCGI' },
];

function isTrue(text: string | undefined): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text ?? '');
}

/** Annotations that have no effect since the one that they belong to is missing. */
export const idle: Rule = function* (scene) {
  for (const { ingress } of scene.ingresses) {
    for (const name of declaredNames.keys()) {
      const text = textOf(scene, ingress, name);
      if (!text) continue;
      const companion = companions.find(({ names }) => names.test(name));
      if (!companion) continue;
      const [, leader = ''] = /^`([a-z-]+)/.exec(companion.needs) ?? [];
      // Then the main Ingress says it.
      if (isIdleOnCanary(scene, ingress, leader)) continue;
      if (companion.isThere(textOf(scene, ingress, leader) ?? scene.controller.written[leader])) continue;
      yield foundAt(scene, ingress, name, {
        level: 'inert',
        message: `It has no effect on either without ${companion.needs}.`,
        remedy: 'Remove it, or write what it needs.',
      });
    }
  }
};
