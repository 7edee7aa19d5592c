import { anyText, bool } from '../form.ts';
import { setting } from '../setting.ts';

/** Headers of requests. */
export const requestHeadersSettings = {
  'enable-underscores-in-headers': setting('exact', bool, false, '`headers_with_underscores_action`.'),
  'generate-request-id': setting('near', bool, true, '`request_id_extension`, `generate_request_id`.'),
  'ignore-invalid-headers': setting('near', bool, true, 'Envoy rejects or drops by codec rules.'),
  'proxy-add-original-uri-header': setting('exact', bool, false, '`request_headers_to_add` on the route configuration.'),
  'proxy-set-headers': setting('exact', anyText, '', '`request_headers_to_add` on the route configuration.'),
} as const;
