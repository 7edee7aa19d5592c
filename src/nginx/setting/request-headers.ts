import { anyText, bool } from '../form.ts';
import { setting } from '../setting.ts';

/** Headers of requests. */
export const requestHeadersSettings = {
  'enable-underscores-in-headers': setting('exact', bool, false, 'Whether headers with `_` in their names are passed on; else they are dropped.'),
  'generate-request-id': setting('near', bool, true, 'Whether a request without X-Request-ID gets one, of 32 hexadecimal digits.'),
  'ignore-invalid-headers': setting('near', bool, true, 'Envoy rejects or drops by codec rules.'),
  'proxy-add-original-uri-header': setting('exact', bool, false, 'Whether backends get X-Original-URI, what the client asked for.'),
  'proxy-set-headers': setting('exact', anyText, '', '`request_headers_to_add` on the route configuration.'),
} as const;
