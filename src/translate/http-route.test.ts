import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import { fakeResolver, places, routeLine } from '../../test/fake/translation.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { ForwardAction, Route } from '../ir/route.ts';
import { defaultRetry, defaultRouteTimeouts } from './defaults.ts';
import { httpRouteRoutes } from './http-route.ts';
import { createTrafficPolicies } from './traffic/policies.ts';

/** `spec.rules` as YAML → routes, diagnostics, backends. */
function translate(rules: string, more = '') {
  const view = fakeView(objectsOf(`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}, spec: {rules: ${rules}}}\n---\n${more}`));
  const found: Diagnostic[] = [];
  const collected: string[] = [];
  const context = {
    view,
    resolver: fakeResolver,
    traffic: { policies: createTrafficPolicies(view, () => undefined), around: [] },
    report: (one: Diagnostic) => void found.push(one),
    collect: ({ name }: { readonly name: string }) => void collected.push(name),
  };
  const [route] = view.list('HTTPRoute');
  const routes = route ? httpRouteRoutes(route, context) : [];
  return { routes, lines: routes.map(routeLine), found: places(found).map((place) => place.replace(' HTTPRoute default/r', '')), messages: found, collected };
}

const only = (routes: readonly Route[]): Route => routes[0] ?? assert.fail('no route');

function forward(rules: string): ForwardAction {
  const { action } = only(translate(rules).routes);
  return action.type === 'forward' ? action : assert.fail(action.type);
}

const to = (filters: string): string => `[{filters: ${filters}, backendRefs: [{name: a, port: 1}]}]`;

/** Name, `spec.rules`, routes, diagnostics. */
const cases: readonly [string, string, readonly string[], readonly string[]][] = [
  ['no matches', '[{backendRefs: [{name: a, port: 1}]}]', ['/* -> a:1'], []],
  ['an empty match', '[{matches: [{}], backendRefs: [{name: a, port: 1}]}]', ['/* -> a:1'], []],
  [
    'every kind of path',
    '[{matches: [{path: {type: Exact, value: /a/}}, {path: {value: /b/}}, {path: {type: PathPrefix, value: /}}, {path: {type: RegularExpression, value: "/c/[0-9]+"}}], backendRefs: [{name: a, port: 1}]}]',
    ['=/a/ -> a:1', '/b -> a:1', '/* -> a:1', '~/c/[0-9]+ -> a:1'],
    [],
  ],
  [
    'headers, query and method',
    '[{matches: [{method: PUT, headers: [{name: X-A, value: "1"}, {name: x-a, value: "2"}, {name: B, type: RegularExpression, value: "v.*"}], queryParams: [{name: Q, value: "3"}, {name: r, type: RegularExpression, value: "[0-9]"}]}], backendRefs: [{name: a, port: 1}]}]',
    ['/* PUT x-a=1 b~v.* ?Q=3 ?r~[0-9] -> a:1'],
    [],
  ],
  [
    'a bad expression leaves out its match only',
    '[{matches: [{path: {type: RegularExpression, value: "/[a"}}, {headers: [{name: a, type: RegularExpression, value: "(?=x)"}]}, {queryParams: [{name: a, type: RegularExpression, value: "*"}]}, {path: {value: /ok}}], backendRefs: [{name: a, port: 1}]}]',
    ['/ok -> a:1'],
    [
      'InvalidRegex spec.rules.0.matches.0.path.value',
      'InvalidRegex spec.rules.0.matches.1.headers.0.value',
      'InvalidRegex spec.rules.0.matches.2.queryParams.0.value',
    ],
  ],
  [
    'weights',
    '[{backendRefs: [{name: a, port: 1, weight: 90}, {name: b, port: 2, weight: 0}, {name: legacy, group: gateway.sluice.dev, kind: Backend, port: 3}]}]',
    ['/* -> a:1 90, b:2 0, legacy:3 1'],
    [],
  ],
  ['weights that sum up to 0', '[{backendRefs: [{name: a, port: 1, weight: 0}]}]', ['/* -> 500'], ['NoUsableWeight spec.rules.0.backendRefs']],
  ['no backends', '[{matches: [{path: {value: /x}}]}]', ['/x -> 500'], []],
  ['one unresolved backend', '[{backendRefs: [{name: a, port: 1}, {name: missing, port: 2}]}]', ['/* -> a:1 1, 500 1'], []],
  ['no resolved backend', '[{backendRefs: [{name: a, port: 1, weight: 0}, {name: missing, port: 2}]}]', ['/* -> 500'], []],
  [
    'other kinds',
    '[{backendRefs: [{name: a, port: 1}, {group: example.com, kind: Thing, name: x}, {group: gateway.sluice.dev, kind: Backend, name: y}]}]',
    ['/* -> a:1 1, 500 1, 500 1'],
    ['UnsupportedBackend spec.rules.0.backendRefs.1', 'UnsupportedBackend spec.rules.0.backendRefs.2'],
  ],
  [
    'another namespace without grant',
    '[{backendRefs: [{name: a, namespace: other, port: 1}, {name: b, port: 1}]}]',
    ['/* -> 500 1, b:1 1'],
    ['RefNotPermitted spec.rules.0.backendRefs.0'],
  ],
  [
    'rewrite',
    to('[{type: URLRewrite, urlRewrite: {hostname: in.example.com, path: {type: ReplacePrefixMatch, replacePrefixMatch: /n}}}]'),
    ['/* -> a:1 host in.example.com prefix /n'],
    [],
  ],
  ['rewrite of the whole path', to('[{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /n}}}]'), ['/* -> a:1 full /n'], []],
  [
    'redirect',
    '[{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, hostname: x.y, port: 444, statusCode: 301, path: {type: ReplaceFullPath, replaceFullPath: /z}}}]}]',
    ['/* -> 301 https:x.y:444 full /z'],
    [],
  ],
  ['redirect without anything', '[{filters: [{type: RequestRedirect, requestRedirect: {}}]}]', ['/* -> 302 ::'], []],
  [
    'mirrors',
    to(
      '[{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 1}}}, {type: RequestMirror, requestMirror: {percent: 5, backendRef: {name: n, port: 1}}}, {type: RequestMirror, requestMirror: {fraction: {numerator: 1, denominator: 1000}, backendRef: {name: o, port: 1}}}, {type: RequestMirror, requestMirror: {percent: 0, backendRef: {name: p, port: 1}}}, {type: RequestMirror, requestMirror: {backendRef: {name: missing, port: 1}}}]',
    ),
    ['/* -> a:1 copy m:1 100/100 copy n:1 5/100 copy o:1 1/1000'],
    [],
  ],
  [
    'an unknown extension closes its rule, and no other',
    '[{matches: [{path: {value: /x}}], filters: [{type: ExtensionRef, extensionRef: {group: example.com, kind: Auth, name: y}}], backendRefs: [{name: a, port: 1}]}, {backendRefs: [{name: b, port: 1}]}]',
    ['/x -> 500', '/* -> b:1'],
    ['UnsupportedFilter spec.rules.0.filters.0'],
  ],
  [
    'an auth service closes even a redirect',
    '[{filters: [{type: ExternalAuth, externalAuth: {protocol: HTTP, http: {}, backendRef: {name: auth, port: 1}}}, {type: RequestRedirect, requestRedirect: {scheme: https}}]}]',
    ['/* -> 500'],
    ['UnsupportedFilter spec.rules.0.filters.0'],
  ],
  [
    'a filter that a backend cannot have closes its share',
    '[{backendRefs: [{name: a, port: 1, filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /}}}]}, {name: b, port: 1, filters: [{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 1}}}]}, {name: c, port: 1}]}]',
    ['/* -> 500 1, 500 1, c:1 1'],
    ['UnsupportedFilter spec.rules.0.backendRefs.0.filters.0', 'UnsupportedFilter spec.rules.0.backendRefs.1.filters.0'],
  ],
  [
    'sessions',
    '[{sessionPersistence: {sessionName: s}, backendRefs: [{name: a, port: 1}]}]',
    ['/* -> a:1'],
    ['SessionKeyGenerated spec.rules.0.sessionPersistence'],
  ],
];
for (const [name, rules, lines, diagnostics] of cases) {
  test(`http route: ${name}`, () => {
    const result = translate(rules);
    assert.deepEqual(result.lines, lines);
    assert.deepEqual(result.found, diagnostics);
    for (const { message, remedy } of result.messages) assert.ok(message.endsWith('.') && remedy?.endsWith('.'), message);
  });
}

test('http route: a grant opens another namespace, for that name', () => {
  const grant = (to: string) =>
    `{apiVersion: gateway.networking.k8s.io/v1, kind: ReferenceGrant, metadata: {name: g, namespace: other}, spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}], to: [${to}]}}`;
  const rules = '[{backendRefs: [{name: a, namespace: other, port: 1}]}]';
  assert.deepEqual(translate(rules, grant('{group: "", kind: Service}')).lines, ['/* -> a:1']);
  assert.deepEqual(translate(rules, grant('{group: "", kind: Service, name: a}')).lines, ['/* -> a:1']);
  assert.deepEqual(translate(rules, grant('{group: "", kind: Service, name: b}')).lines, ['/* -> 500']);
  assert.deepEqual(translate(rules, grant('{group: "", kind: Secret}')).lines, ['/* -> 500']);
});

test('http route: changes of headers, of the rule and of one backend', () => {
  const modifier = (type: string, field: string, content: string) => `{type: ${type}, ${field}: ${content}}`;
  const request = modifier('RequestHeaderModifier', 'requestHeaderModifier', '{set: [{name: a, value: "1"}], add: [{name: b, value: "2"}], remove: [c]}');
  const response = modifier('ResponseHeaderModifier', 'responseHeaderModifier', '{remove: [d]}');
  const host = '{type: URLRewrite, urlRewrite: {hostname: in.example.com}}';
  const route = only(
    translate(`[{filters: [${request}, ${response}], backendRefs: [{name: a, port: 1, filters: [${request}, ${response}, ${host}]}]}]`).routes,
  );
  const requestHeaders = { set: [{ name: 'a', value: '1' }], add: [{ name: 'b', value: '2' }], remove: ['c'] };
  const responseHeaders = { set: [], add: [], remove: ['d'] };
  assert.deepEqual([route.requestHeaders, route.responseHeaders], [requestHeaders, responseHeaders]);
  assert.deepEqual(route.action.type === 'forward' && route.action.backends, [
    {
      cluster: 'a:1',
      weight: 1,
      requestHeaders,
      responseHeaders,
      hostRewrite: 'in.example.com',
      origins: [{ object: 'HTTPRoute default/r', field: 'spec.rules.0.backendRefs.0' }],
    },
  ]);
});

test('http route: CORS with what the API fills in', () => {
  const { routes } = translate(to('[{type: CORS, cors: {allowOrigins: ["https://*.example.com"], allowMethods: [PUT]}}]'));
  assert.deepEqual(only(routes).cors, {
    allowOrigins: ['https://*.example.com'],
    allowMethods: ['PUT'],
    allowHeaders: [],
    exposeHeaders: [],
    allowCredentials: false,
    maxAgeSeconds: 5,
  });
});

test('http route: timeouts', () => {
  const timeoutsOf = (timeouts: string) => forward(`[{timeouts: ${timeouts}, backendRefs: [{name: a, port: 1}]}]`).timeouts;
  assert.deepEqual(timeoutsOf('{}'), defaultRouteTimeouts);
  assert.deepEqual(timeoutsOf('{request: 10s, backendRequest: 2s}'), { ...defaultRouteTimeouts, requestMs: 10_000, perTryMs: 2000 });
  assert.deepEqual(timeoutsOf('{request: 0s, backendRequest: 0s}'), { ...defaultRouteTimeouts, requestMs: 0 });
});

test('http route: retries', () => {
  const retryOf = (rule: string) => forward(`[{${rule}, backendRefs: [{name: a, port: 1}]}]`).retry;
  assert.equal(retryOf('matches: [{}]'), defaultRetry);
  assert.deepEqual(retryOf('retry: {attempts: 7}'), { ...defaultRetry, count: 7 });
  const asked = retryOf('retry: {codes: [500, 503], attempts: 2, backoff: 2s}, timeouts: {backendRequest: 1s}');
  assert.deepEqual([asked?.statusCodes, asked?.count, asked?.backoffBaseMs, asked?.backoffMaxMs], [[500, 503], 2, 2000, 20_000]);
  assert.ok(asked?.on.includes('reset'), 'a try that timed out is tried again');
});

test('http route: inputs of a hash come from the backends, each once', () => {
  assert.deepEqual(forward('[{backendRefs: [{name: a, port: 1}, {name: ring-a, port: 1}, {name: ring-b, port: 1}]}]').hashOn, [
    { type: 'header', name: 'x-user' },
  ]);
  assert.deepEqual(forward('[{backendRefs: [{name: a, port: 1}]}]').hashOn, []);
});

test('http route: every backend that may be chosen is collected', () => {
  const { collected } = translate(to('[{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 1}}}]'));
  assert.deepEqual(collected.toSorted(), ['a:1', 'm:1']);
});

test('http route: names are identities', () => {
  const rule = (path: string, name = '') => `{${name}matches: [{path: {value: ${path}}}], backendRefs: [{name: a, port: 1}]}`;
  const namesOf = (rules: string) => translate(rules).routes.map(({ name }) => name);
  const [a, b] = namesOf(`[${rule('/a')}, ${rule('/b')}]`);
  assert.match(a ?? '', /^HTTPRoute\/default\/r\/~[0-9a-f]{8}$/);
  assert.deepEqual(
    namesOf(`[${rule('/b')}, ${rule('/new')}, ${rule('/a')}]`).filter((_, index) => index !== 1),
    [b, a],
  );
  assert.deepEqual(namesOf(`[${rule('/a', 'name: checkout, ')}]`), ['HTTPRoute/default/r/checkout']);
  assert.deepEqual(namesOf(`[${rule('/a')}, ${rule('/a')}]`), [a, `${a}~2`]);
  assert.match(namesOf('[{name: x, matches: [{path: {value: /a}}, {path: {value: /b}}]}]')[1] ?? '', /^HTTPRoute\/default\/r\/x~[0-9a-f]{8}$/);
});
