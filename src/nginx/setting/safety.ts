import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** What Ingresses may say at all. */
export const safetySettings = {
  'allow-cross-namespace-resources': setting(
    'exact',
    bool,
    false,
    'Whether Ingresses may name Secrets and ConfigMaps of other namespaces; else their paths are closed with 503.',
  ),
  'allow-snippet-annotations': setting(
    'exact',
    bool,
    false,
    'Whether ingress-nginx runs the code of `*-snippet` annotations. Sluice never does; the report of a migration says what that changes.',
  ),
  'annotation-value-word-blocklist': setting(
    'exact',
    anyText,
    '',
    'Words with commas between: an Ingress with an annotation that holds one of them is not served at all.',
  ),
  'annotations-risk-level': setting('exact', anyText, 'High', 'The highest risk that annotations may have: an Ingress with one above it is not served at all.'),
  'global-allowed-response-headers': setting(
    'exact',
    list,
    [] as readonly string[],
    'Names of headers that `custom-headers` may set; with another one the paths are answered with 503.',
  ),
  'proxy-ssl-location-only': setting('exact', bool, false, 'Whether `proxy-ssl-*` holds for the paths of its Ingress alone; here it always does.'),
  'strict-validate-path-type': setting(
    'noop',
    bool,
    false,
    'Of no use here: with it the admission webhook of ingress-nginx refuses paths with characters of expressions; what is in the cluster it serves all the same.',
  ),
} as const;
