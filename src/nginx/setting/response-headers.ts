import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Headers of answers. */
export const responseHeadersSettings = {
  'add-headers': setting('exact', anyText, '', 'A ConfigMap, `NAMESPACE/NAME`, whose values every answer has as headers, errors too.'),
  'allow-backend-server-header': setting('exact', bool, false, '`response_headers_to_add` / `_to_remove` / server_header_transformation.'),
  'hide-headers': setting('exact', list, [] as readonly string[], 'Headers of backends that clients do not see.'),
  hsts: setting('exact', bool, true, '`response_headers_to_add` / `_to_remove` / server_header_transformation.'),
  'hsts-include-subdomains': setting('exact', bool, true, '`response_headers_to_add` / `_to_remove` / server_header_transformation.'),
  'hsts-max-age': setting('exact', anyText, '31536000', '`response_headers_to_add` / `_to_remove` / server_header_transformation.'),
  'hsts-preload': setting('exact', bool, false, '`response_headers_to_add` / `_to_remove` / server_header_transformation.'),
  'server-tokens': setting('exact', bool, false, '`response_headers_to_add` / `_to_remove` / server_header_transformation.'),
} as const;
