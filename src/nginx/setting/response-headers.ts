import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Headers of answers. */
export const responseHeadersSettings = {
  'add-headers': setting(
    'exact',
    anyText,
    '',
    'A ConfigMap, `NAMESPACE/NAME`, whose values every answer has as headers, errors too. They may hold variables of requests, as `log-format-upstream`.',
  ),
  'allow-backend-server-header': setting(
    'exact',
    bool,
    false,
    'With `server-tokens`: whether the Server header of the backend reaches the client, where it has one. Else nobody sees it.',
  ),
  'hide-headers': setting('exact', list, [] as readonly string[], 'Headers of backends that clients do not see.'),
  hsts: setting('exact', bool, true, 'Whether answers by HTTPS have Strict-Transport-Security.'),
  'hsts-include-subdomains': setting('exact', bool, true, 'Whether Strict-Transport-Security holds for names below the host name.'),
  'hsts-max-age': setting('exact', anyText, '31536000', 'Seconds for which Strict-Transport-Security holds.'),
  'hsts-preload': setting('exact', bool, false, 'Whether Strict-Transport-Security has `preload`.'),
  'server-tokens': setting(
    'near',
    bool,
    false,
    'Whether answers on the ports of Ingresses have `Server: nginx`, without a version. Else they have none, whatever the backend says.',
  ),
} as const;
