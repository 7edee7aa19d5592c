import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Authentication of all host names by a service. */
export const globalAuthSettings = {
  'global-auth-always-set-cookie': setting('adapt', bool, false, 'As `auth-always-set-cookie`.'),
  'global-auth-cache-duration': setting('near', anyText, '', 'As `auth-cache-duration`, for the service of `global-auth-url`.'),
  'global-auth-cache-key': setting('near', anyText, '', 'As `auth-cache-key`, for the service of `global-auth-url`.'),
  'global-auth-method': setting('adapt', anyText, '', 'As `auth-method`.'),
  'global-auth-request-redirect': setting('adapt', anyText, '', 'As `auth-request-redirect`.'),
  'global-auth-response-headers': setting('adapt', list, [] as readonly string[], 'As `auth-response-headers`.'),
  'global-auth-signin': setting('adapt', anyText, '', 'As `auth-signin`.'),
  'global-auth-signin-redirect-param': setting('adapt', anyText, '', 'As `auth-signin-redirect-param`.'),
  'global-auth-snippet': setting('report', anyText, '', 'Not done: it is code of nginx.'),
  'global-auth-url': setting('adapt', anyText, '', 'As `auth-url`, for all Ingresses that have none and do not say `enable-global-auth: "false"`.'),
} as const;
