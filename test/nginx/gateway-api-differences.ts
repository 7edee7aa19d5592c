const address = 'An HTTPRoute does not replace X-Forwarded-For: the peer stands behind what the client sent.';
const redirects = 'A RequestRedirect keeps the query and a slash at the end, and names the port that the client named.';
const cookies = 'A TrafficPolicy makes cookies for all paths, with SameSite=Lax and without Expires.';
const cors = 'A CORS filter answers preflights, and takes origins as browsers write them; what they do not need is left out of other answers.';
const failures = 'Where a backend fails an HTTPRoute answers 503.';

/** Cases whose Ingresses move to Gateway API, and that then differ, with the reason. What stands here must really fail. */
export const gatewayApiDifferences: Readonly<Record<string, string>> = {
  'affinity-cookie-expires': cookies,
  'affinity-cookie-on-a-host-with-expressions': cookies,
  'affinity-secure-by-itself-on-https': cookies,
  'app-root': redirects,
  'backend-protocol-mismatch': failures,
  'canary-down-falls-to-main': 'The share of a backend without endpoints is answered with 503, as Gateway API asks for.',
  'compute-full-without-use-forwarded-is-nothing': address,
  'connection-refused-502': failures,
  'cors-custom-values': cors,
  'cors-of-redirects': cors,
  'cors-origin-list': cors,
  'cors-origins-of-any-scheme': cors,
  'default-404': 'Only Ingresses answer `/healthz` for host names that nobody has.',
  'forwarded-headers-default': address,
  'from-to-www': redirects,
  'host-port-case-and-trailing-dot': 'A host name with a dot at its end is none of an HTTPRoute.',
  'hsts-of-a-host': 'HTTPS is served for host names with a certificate of their own alone.',
  'http-redirect-code-that-is-none': redirects,
  'methods-trace': 'TRACE reaches backends of HTTPRoutes.',
  'permanent-redirect': redirects,
  'permanent-redirect-code': redirects,
  'proxy-body-size-annotation': 'HTTPRoutes limit no bodies.',
  'proxy-next-upstream-timeout-tries': 'A TrafficPolicy ends a silent request, and does not try it again.',
  'proxy-request-buffering-on-by-default': 'HTTPRoutes pass bodies on as they come.',
  'redirect-codes-that-are-none': redirects,
  'rest-of-a-host-is-closed': 'What no path takes has no headers of CORS.',
  'rest-of-a-host-is-redirected': redirects,
  'rewrite-keeps-the-rest-without-regard-to-case': 'A prefix is taken letter by letter and in whole parts.',
  'root-of-slashes-is-closed': 'What keeps the whole path is no rewrite: one of nothing but slashes reaches the backend as it came.',
  'ssl-redirect-default-when-tls': redirects,
  'ssl-redirect-needs-a-certificate-for-the-host': 'HTTPS is served for host names with a certificate of their own alone.',
  'upstream-hash-by-missing-value-goes-to-one-pod': 'Without the value that is hashed requests are spread.',
  'websocket-upgrade': 'The value of Connection reaches the backend as the client wrote it.',
  'words-of-backends-to-nginx': 'What backends say to nginx reaches clients of HTTPRoutes.',
};
