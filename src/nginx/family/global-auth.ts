import { type AuthRequest, readAuthRequest } from '../auth-request.ts';
import type { Family } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  enableGlobalAuth: {
    name: 'enable-global-auth',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Whether the service of `global-auth-url` in the ConfigMap is asked, if it is there; `true` if nothing is said.',
  },
} as const satisfies Family['annotations'];

/** The service of the ConfigMap, where an Ingress names none of its own. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#global-auth-url */
export const globalAuth: Family<AuthRequest> = {
  name: 'global-auth',
  annotations,
  read(reader) {
    const { controller } = reader;
    const url = controller.value('global-auth-url');
    if (url === '' || !(reader.value(annotations.enableGlobalAuth) ?? true)) return { type: 'nothing' };
    const config = readAuthRequest({
      url,
      method: controller.value('global-auth-method'),
      signin: controller.value('global-auth-signin'),
      signinParameter: controller.value('global-auth-signin-redirect-param'),
      redirect: controller.value('global-auth-request-redirect') || undefined,
      copiedHeaders: controller.value('global-auth-response-headers'),
      requestHeaders: {},
      setsCookiesAlways: controller.value('global-auth-always-set-cookie'),
      cacheKey: controller.value('global-auth-cache-key'),
      cacheDuration: controller.value('global-auth-cache-duration'),
    });
    if (typeof config !== 'string') return { type: 'config', config };
    return { type: 'denied', mistake: { annotation: annotations.enableGlobalAuth.name, message: `of the settings \`global-auth-*\`, ${config}` } };
  },
};
