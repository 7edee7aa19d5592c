import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** What Ingresses may say at all. */
export const safetySettings = {
  'allow-cross-namespace-resources': setting('exact', bool, false, 'How OUR translator behaves: same fail-closed checks.'),
  'allow-snippet-annotations': setting('exact', bool, false, 'How OUR translator behaves: same fail-closed checks.'),
  'annotation-value-word-blocklist': setting('exact', anyText, '', 'How OUR translator behaves: same fail-closed checks.'),
  'annotations-risk-level': setting('exact', anyText, 'High', 'How OUR translator behaves: same fail-closed checks.'),
  'global-allowed-response-headers': setting(
    'exact',
    list,
    [] as readonly string[],
    'Names of headers that `custom-headers` may set; with another one the paths are answered with 503.',
  ),
  'proxy-ssl-location-only': setting('exact', bool, false, 'How OUR translator behaves: same fail-closed checks.'),
  'strict-validate-path-type': setting('exact', bool, false, 'How OUR translator behaves: same fail-closed checks.'),
} as const;
