import { anyText, bool } from '../form.ts';
import { setting } from '../setting.ts';

/** Headers of requests. */
export const requestHeadersSettings = {
  'enable-underscores-in-headers': setting('exact', bool, false, 'Whether headers with `_` in their names are passed on; else they are dropped.'),
  'generate-request-id': setting('near', bool, true, 'Whether a request without X-Request-ID gets one, of 32 hexadecimal digits.'),
  'ignore-invalid-headers': setting(
    'near',
    bool,
    true,
    'Whether headers whose names have other characters than letters, digits, `-` and `_` are dropped, at host names that an Ingress has. Elsewhere they are passed on; what HTTP does not allow in a name at all is answered with 400.',
  ),
  'proxy-add-original-uri-header': setting('exact', bool, false, 'Whether backends get X-Original-URI, what the client asked for.'),
  'proxy-set-headers': setting(
    'near',
    anyText,
    '',
    'A ConfigMap, `NAMESPACE/NAME`, whose values backends get as headers of every request, in the place of others of these names. Variables that Envoy has nothing for are told; such a header is taken away.',
  ),
} as const;
