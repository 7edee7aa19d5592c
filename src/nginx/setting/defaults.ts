import { anyText, bool, type Form, int, list, oneOf, size, type UpstreamFailure, upstreamFailures } from '../form.ts';
import { setting } from '../setting.ts';

/** One of those that ingress-nginx redirects with. */
const redirectStatus: Form<number> = {
  doc: '`301`, `302`, `307` or `308`',
  accepts: (text) => redirectStatus.read(text) !== undefined,
  read: (text) => [301, 302, 307, 308].find((status) => status === int.read(text)),
};

/** Of a list ingress-nginx takes those that are statuses of errors or redirects, and passes over the others. */
const errorStatuses: Form<readonly number[]> = {
  doc: 'statuses from 300 to 599 with commas between',
  accepts: () => true,
  read(text) {
    const statuses = (list.read(text) ?? []).flatMap((part) => int.read(part) ?? []).filter((status) => status >= 300 && status <= 599);
    return statuses.length > 0 ? statuses : undefined;
  },
};

/** What holds where an Ingress says nothing. */
export const defaultsSettings = {
  'custom-http-errors': setting(
    'near',
    errorStatuses,
    [] as readonly number[],
    'As the annotation of the same name, for Ingresses that say nothing. `--default-backend-service` gives these pages, also where `default-backend` is named.',
  ),
  'denylist-source-range': setting('near', list, [] as readonly string[], 'As the annotation of the same name, for Ingresses that say nothing.'),
  'disable-proxy-intercept-errors': setting('near', bool, false, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'force-ssl-redirect': setting('near', bool, false, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'http-redirect-code': setting('exact', redirectStatus, 308, 'The status of redirects to HTTPS, and of `app-root` and `from-to-www-redirect`.'),
  'limit-rate': setting('report', int, 0, 'Not done, as the annotation of the same name.'),
  'limit-rate-after': setting('report', int, 0, 'Not done, as the annotation of the same name.'),
  'load-balance': setting<'round_robin' | 'ewma' | undefined>(
    'near',
    oneOf<'round_robin' | 'ewma'>(['round_robin', 'ewma'], { ignoresCase: true }),
    undefined,
    'As the annotation of the same name, for Ingresses that say nothing.',
  ),
  'preserve-trailing-slash': setting('near', bool, false, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-body-size': setting('near', size, 1024 ** 2, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-connect-timeout': setting('near', int, 5, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-cookie-domain': setting('near', anyText, 'off', 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-cookie-path': setting('near', anyText, 'off', 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-http-version': setting('report', anyText, '1.1', 'Not done, as the annotation of the same name: Envoy speaks HTTP/1.1 with backends.'),
  'proxy-next-upstream': setting(
    'near',
    upstreamFailures,
    ['error', 'timeout'] as readonly UpstreamFailure[],
    'As the annotation of the same name, for Ingresses that say nothing.',
  ),
  'proxy-next-upstream-timeout': setting('near', int, 0, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-next-upstream-tries': setting('near', int, 3, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-read-timeout': setting('near', int, 60, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-redirect-from': setting('near', anyText, 'off', 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-redirect-to': setting('near', anyText, 'off', 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-request-buffering': setting('near', oneOf(['on', 'off']), 'on', 'As the annotation of the same name, for Ingresses that say nothing.'),
  'proxy-send-timeout': setting('near', int, 60, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'relative-redirects': setting('exact', bool, false, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'retry-non-idempotent': setting(
    'exact',
    bool,
    false,
    'POST and PATCH are tried again after the same failures as other requests, also where the backend may have seen them.',
  ),
  'service-upstream': setting('exact', bool, false, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'ssl-redirect': setting('near', bool, true, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'upstream-hash-by': setting('noop', anyText, '', 'Of no effect on ingress-nginx either, which reads the annotation alone.'),
  'upstream-hash-by-subset': setting('report', bool, false, 'Not done, as the annotation of the same name.'),
  'upstream-hash-by-subset-size': setting('report', int, 0, 'Not done, as the annotation of the same name.'),
  'use-port-in-redirects': setting('near', bool, false, 'As the annotation of the same name, for Ingresses that say nothing.'),
  'whitelist-source-range': setting('near', list, [] as readonly string[], 'As the annotation of the same name, for Ingresses that say nothing.'),
} as const;
