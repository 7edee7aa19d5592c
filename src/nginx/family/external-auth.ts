import { type AuthRequest, headersOfConfigMap, readAuthRequest } from '../auth-request.ts';
import { type Family, valueOrIgnored } from '../family.ts';
import { anyText, bool, characters, int, list, text } from '../form.ts';

const annotations = {
  authUrl: {
    name: 'auth-url',
    scope: 'location',
    risk: 'High',
    verdict: 'adapt',
    form: text(characters.urlWithVariables, 'a URL, with variables of nginx', { ignoresSpaces: true }),
    doc: 'A service that is asked about every request, by a GET without body: 2xx lets the request on, 401 and 403 go to the client, all else is 500. Paths whose service cannot be asked are closed with 503.',
    difference: {
      example: 'GET / whose service answers 401',
      nginx: 'Answers 401 with a page of its own.',
      sluice: 'Answers 401 without a body.',
      remedy: 'None is needed. Where the page matters, use `auth-signin`.',
    },
  },
  authMethod: {
    name: 'auth-method',
    scope: 'location',
    risk: 'Low',
    verdict: 'adapt',
    form: text(/GET|HEAD|POST|PUT|PATCH|DELETE|CONNECT|OPTIONS|TRACE/, 'a method', { ignoresSpaces: true }),
    doc: 'The method of the question instead of GET.',
    difference: {
      example: 'GET /',
      holdsFor: (text) => text.trim() === 'CONNECT',
      nginx: 'Asks by CONNECT.',
      sluice: 'Closes the paths with 503, as a service cannot be asked so.',
      remedy: 'Name a method with which a service answers: GET, HEAD or POST.',
    },
  },
  authSignin: {
    name: 'auth-signin',
    scope: 'location',
    risk: 'High',
    verdict: 'adapt',
    form: text(characters.urlWithVariables, 'a URL, with variables of nginx', { ignoresSpaces: true }),
    doc: 'Where clients are sent with 302 instead of 401.',
    difference: {
      example: 'GET /a%2Fb?c=1 without a session',
      nginx: 'Sends the client to the sign-in with the path as it came.',
      sluice: 'Sends it there with the path in its plain form, `/a/b?c=1`, as Envoy keeps no other.',
      remedy: 'None is needed but for paths with encoded slashes.',
    },
  },
  authSigninRedirectParam: {
    name: 'auth-signin-redirect-param',
    scope: 'location',
    risk: 'Medium',
    verdict: 'adapt',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'The parameter of `auth-signin` that says where to go afterwards; `rd` if nothing is said.',
    difference: {
      example: 'GET /a%2Fb?c=1 without a session',
      nginx: 'The parameter holds the path as it came.',
      sluice: 'It holds the path in its plain form, `/a/b?c=1`.',
      remedy: 'None is needed but for paths with encoded slashes.',
    },
  },
  authSnippet: {
    name: 'auth-snippet',
    scope: 'location',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Not done: it is code of nginx.',
    difference: {
      example: 'GET /, with `allow-snippet-annotations` on',
      nginx: 'Runs the code for each question to the service.',
      sluice: 'Asks the service without it, which is reported.',
      remedy: 'Send headers by `auth-proxy-set-headers`; all else belongs in the service.',
    },
  },
  authCacheKey: {
    name: 'auth-cache-key',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.variable, 'letters, digits, `-`, `_` and variables of nginx', { ignoresSpaces: true }),
    doc: 'The service is asked once for requests with the same text; an answer with `Set-Cookie` or `Vary` is not kept.',
    difference: {
      example: 'GET / twice, whose service answers with `Vary: Cookie`, or with `Expires` and no `Cache-Control`',
      nginx: 'Asks the service once.',
      sluice: 'Asks the service twice.',
      remedy: 'Let the service answer with `Cache-Control: max-age` and without `Vary`.',
    },
  },
  authKeepalive: {
    name: 'auth-keepalive',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: int,
    doc: 'Of no use here: Envoy keeps connections by itself.',
  },
  authKeepaliveShareVars: {
    name: 'auth-keepalive-share-vars',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: bool,
    doc: 'Of no use here.',
  },
  authKeepaliveRequests: {
    name: 'auth-keepalive-requests',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: int,
    doc: 'Of no use here.',
  },
  authKeepaliveTimeout: {
    name: 'auth-keepalive-timeout',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: int,
    doc: 'Of no use here.',
  },
  authCacheDuration: {
    name: 'auth-cache-duration',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.list, 'letters, digits, blanks, commas and `-._~/:`'),
    doc: 'How long an answer is kept, by its status: `200 202 401 5m` if nothing is said. `X-Accel-Expires` and `Cache-Control` of the answer go before.',
    difference: {
      example: 'GET / with `auth-cache-key` and more than 20,000 keys within `auth-cache-duration`',
      nginx: 'Keeps every answer for so long, on disk.',
      sluice: 'Keeps 20,000 answers in memory, and asks the service again for the others.',
      remedy: 'None is needed: the service is asked more often. A key that says less has fewer answers.',
    },
  },
  authResponseHeaders: {
    name: 'auth-response-headers',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.headers, 'names of headers with commas between', { ignoresSpaces: true }),
    doc: 'Headers of the answer that the backend gets; one that the service does not send is taken from the request, so that clients cannot forge it.',
    difference: {
      example: 'GET / whose service answers with two `X-Groups` headers',
      nginx: 'Gives the backend both, with a comma between.',
      sluice: 'Gives it the first of the two.',
      remedy: 'Let the service send one line.',
    },
  },
  authProxySetHeaders: {
    name: 'auth-proxy-set-headers',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'A ConfigMap with further headers of the question.',
    difference: {
      example: 'GET /, with a ConfigMap value of `$ssl_client_s_dn`',
      nginx: 'Puts the values of all its variables in their places.',
      sluice: 'Knows the variables of requests (`$request_uri`, `$host`, `$http_…` and their like); with another one the paths are closed with 503.',
      remedy: 'Send what the service needs by those variables, or as fixed text.',
    },
  },
  authRequestRedirect: {
    name: 'auth-request-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'The header `X-Auth-Request-Redirect` of the question; path and query of the request if nothing is said.',
    difference: {
      example: 'GET /a%2Fb?c=1',
      nginx: '`X-Auth-Request-Redirect` holds the path as it came.',
      sluice: 'It holds the path in its plain form, `/a/b?c=1`.',
      remedy: 'None is needed but for paths with encoded slashes.',
    },
  },
  authAlwaysSetCookie: {
    name: 'auth-always-set-cookie',
    scope: 'location',
    risk: 'Low',
    verdict: 'adapt',
    form: bool,
    doc: 'Whether cookies of the service reach the client with failures of the backend too.',
    difference: {
      example: 'GET / whose service sets a cookie, and whose backend answers 500',
      nginx: 'The cookie reaches the client only with `true`.',
      sluice: 'Does the same, by a script of its own.',
      remedy: 'None is needed.',
    },
  },
} as const satisfies Family['annotations'];

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#external-authentication */
export const externalAuth: Family<AuthRequest> = {
  name: 'external-auth',
  annotations,
  read(reader) {
    const url = reader.find(annotations.authUrl);
    if (url.type === 'missing') return { type: 'nothing' };
    if (url.type === 'refused') return { type: 'dropped', mistake: url.mistake };
    if (url.type === 'unreadable') return { type: 'denied', mistake: url.mistake };
    for (const annotation of [annotations.authCacheDuration, annotations.authRequestRedirect, annotations.authAlwaysSetCookie]) {
      const found = reader.find<unknown>(annotation);
      if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    }
    for (const annotation of [annotations.authMethod, annotations.authResponseHeaders]) {
      const found = reader.find(annotation);
      if (found.type === 'refused') return { type: 'denied', mistake: found.mistake };
    }
    const denied = (message: string) => ({ type: 'denied', mistake: { annotation: annotations.authUrl.name, message } }) as const;
    const headersFrom = reader.value(annotations.authProxySetHeaders);
    const requestHeaders = headersFrom === undefined ? {} : headersOfConfigMap(reader, headersFrom);
    if (typeof requestHeaders === 'string') return denied(requestHeaders);
    const config = readAuthRequest({
      url: url.value,
      method: reader.value(annotations.authMethod),
      signin: reader.value(annotations.authSignin),
      signinParameter: reader.value(annotations.authSigninRedirectParam),
      redirect: reader.value(annotations.authRequestRedirect),
      copiedHeaders: list.read(reader.value(annotations.authResponseHeaders) ?? '') ?? [],
      requestHeaders,
      setsCookiesAlways: reader.value(annotations.authAlwaysSetCookie) ?? false,
      cacheKey: valueOrIgnored(reader, annotations.authCacheKey),
      cacheDuration: reader.value(annotations.authCacheDuration),
    });
    if (typeof config === 'string') return denied(config);
    if (reader.value(annotations.authSnippet)) reader.unsupported({ annotation: annotations.authSnippet.name, message: 'it is code of nginx' });
    return { type: 'config', config };
  },
};
