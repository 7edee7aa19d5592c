const address = 'An HTTPRoute does not replace X-Forwarded-For: the peer stands behind what the client sent.';
const redirects = 'A RequestRedirect keeps the query and a slash at the end, and names the port that the client named.';
const failures = 'Where a backend fails an HTTPRoute answers 503.';

/** Cases whose Ingresses move to Gateway API, and that then differ, with the reason. What stands here must really fail. */
export const gatewayApiDifferences: Readonly<Record<string, string>> = {
  'app-root': redirects,
  'backend-protocol-mismatch': failures,
  'canary-down-falls-to-main': 'The share of a backend without endpoints is answered with 503, as Gateway API asks for.',
  'compute-full-without-use-forwarded-is-nothing': address,
  'connection-refused-502': failures,
  'default-404': 'Only Ingresses answer `/healthz` for host names that nobody has.',
  'forwarded-headers-default': address,
  'host-port-case-and-trailing-dot': 'A host name with a dot at its end is none of an HTTPRoute.',
  'methods-trace': 'TRACE reaches backends of HTTPRoutes.',
  'permanent-redirect': redirects,
  'proxy-body-size-annotation': 'HTTPRoutes limit no bodies.',
  'proxy-next-upstream-timeout-tries': 'A TrafficPolicy ends a silent request, and does not try it again.',
  'proxy-request-buffering-on-by-default': 'HTTPRoutes pass bodies on as they come.',
  'ssl-redirect-default-when-tls': redirects,
  'ssl-redirect-needs-a-certificate-for-the-host': 'HTTPS is served for host names with a certificate of their own alone.',
  'websocket-upgrade': 'The value of Connection reaches the backend as the client wrote it.',
};
