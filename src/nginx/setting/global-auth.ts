import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Authentication of all host names by a service. */
export const globalAuthSettings = {
  'global-auth-always-set-cookie': setting('adapt', bool, false, 'Global ext_authz, as auth-url.'),
  'global-auth-cache-duration': setting('report', anyText, '', 'No cache / nginx code.'),
  'global-auth-cache-key': setting('report', anyText, '', 'No cache / nginx code.'),
  'global-auth-method': setting('adapt', anyText, '', 'Global ext_authz, as auth-url.'),
  'global-auth-request-redirect': setting('adapt', anyText, '', 'Global ext_authz, as auth-url.'),
  'global-auth-response-headers': setting('adapt', list, [] as readonly string[], 'Global ext_authz, as auth-url.'),
  'global-auth-signin': setting('adapt', anyText, '', 'Global ext_authz, as auth-url.'),
  'global-auth-signin-redirect-param': setting('adapt', anyText, '', 'Global ext_authz, as auth-url.'),
  'global-auth-snippet': setting('report', anyText, '', 'No cache / nginx code.'),
  'global-auth-url': setting('adapt', anyText, '', 'Global ext_authz, as auth-url.'),
} as const;
