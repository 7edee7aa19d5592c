import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { kinds } from '../index.ts';
import { durationMs } from './duration.ts';

const durations: readonly [string, number][] = [
  ['0s', 0],
  ['250ms', 250],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['1s500ms', 1500],
];
for (const [text, expected] of durations) test(`gateway kinds: ${text} is ${expected} ms`, () => assert.equal(durationMs(text), expected));

type GatewayKind = 'Gateway' | 'HTTPRoute' | 'GRPCRoute' | 'BackendTLSPolicy' | 'ReferenceGrant' | 'GatewayClass';

/** Kind, `spec` as YAML, and the fields that are refused; none: the object is valid. */
const cases: readonly [string, GatewayKind, string, readonly string[]][] = [
  ['a class', 'GatewayClass', '{controllerName: gateway.sluice.dev/controller}', []],
  ['a class without domain', 'GatewayClass', '{controllerName: sluice}', ['spec.controllerName']],
  ['a listener', 'Gateway', '{gatewayClassName: sluice, listeners: [{name: web, port: 80, protocol: HTTP}]}', []],
  ['no listener', 'Gateway', '{gatewayClassName: sluice, listeners: []}', ['spec.listeners']],
  ['a port too high', 'Gateway', '{gatewayClassName: sluice, listeners: [{name: web, port: 65536, protocol: HTTP}]}', ['spec.listeners.0.port']],
  [
    'TLS on HTTP',
    'Gateway',
    '{gatewayClassName: sluice, listeners: [{name: web, port: 80, protocol: HTTP, tls: {certificateRefs: [{name: c}]}}]}',
    ['spec.listeners.0.tls'],
  ],
  [
    'HTTPS that passes through',
    'Gateway',
    '{gatewayClassName: sluice, listeners: [{name: web, port: 443, protocol: HTTPS, tls: {mode: Passthrough}}]}',
    ['spec.listeners.0.tls.mode'],
  ],
  [
    'TLS without certificate',
    'Gateway',
    '{gatewayClassName: sluice, listeners: [{name: web, port: 443, protocol: HTTPS, tls: {}}]}',
    ['spec.listeners.0.tls.certificateRefs'],
  ],
  [
    'two listeners of one name, and of one place',
    'Gateway',
    '{gatewayClassName: sluice, listeners: [{name: web, port: 80, protocol: HTTP}, {name: web, port: 80, protocol: HTTP}]}',
    ['spec.listeners.1.name', 'spec.listeners.1'],
  ],
  [
    'a host name with a port',
    'Gateway',
    '{gatewayClassName: sluice, listeners: [{name: web, port: 80, protocol: HTTP, hostname: "a.b:80"}]}',
    ['spec.listeners.0.hostname'],
  ],
  ['a route', 'HTTPRoute', '{parentRefs: [{name: web}], hostnames: ["*.example.com"], rules: [{backendRefs: [{name: shop, port: 80}]}]}', []],
  ['a wildcard inside', 'HTTPRoute', '{hostnames: ["a.*.com"]}', ['spec.hostnames.0']],
  ['a Service without port', 'HTTPRoute', '{rules: [{backendRefs: [{name: shop}]}]}', ['spec.rules.0.backendRefs.0.port']],
  ['a weight too high', 'HTTPRoute', '{rules: [{backendRefs: [{name: shop, port: 80, weight: 1000001}]}]}', ['spec.rules.0.backendRefs.0.weight']],
  ['a path without slash', 'HTTPRoute', '{rules: [{matches: [{path: {value: shop}}]}]}', ['spec.rules.0.matches.0.path.value']],
  ['a path with dots', 'HTTPRoute', '{rules: [{matches: [{path: {type: Exact, value: /a/../b}}]}]}', ['spec.rules.0.matches.0.path.value']],
  ['an expression with dots', 'HTTPRoute', '{rules: [{matches: [{path: {type: RegularExpression, value: /a/../b}}]}]}', []],
  ['a header twice', 'HTTPRoute', '{rules: [{matches: [{headers: [{name: a, value: b}, {name: a, value: c}]}]}]}', ['spec.rules.0.matches.0.headers']],
  ['a method of our own', 'HTTPRoute', '{rules: [{matches: [{method: FETCH}]}]}', ['spec.rules.0.matches.0.method']],
  ['a filter without its field', 'HTTPRoute', '{rules: [{filters: [{type: CORS}]}]}', ['spec.rules.0.filters.0.cors']],
  [
    'a filter with the field of another',
    'HTTPRoute',
    '{rules: [{filters: [{type: URLRewrite, urlRewrite: {hostname: a.b}, cors: {}}]}]}',
    ['spec.rules.0.filters.0.cors'],
  ],
  [
    'a filter twice',
    'HTTPRoute',
    '{rules: [{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [a]}}, {type: RequestHeaderModifier, requestHeaderModifier: {remove: [b]}}]}]}',
    ['spec.rules.0.filters.1'],
  ],
  [
    'a redirect with backends',
    'HTTPRoute',
    '{rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}], backendRefs: [{name: a, port: 1}]}]}',
    ['spec.rules.0.filters'],
  ],
  [
    'a prefix replaced under an exact match',
    'HTTPRoute',
    '{rules: [{matches: [{path: {type: Exact, value: /a}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]}]}',
    ['spec.rules.0.filters'],
  ],
  ['a try longer than the request', 'HTTPRoute', '{rules: [{timeouts: {request: 1s, backendRequest: 2s}}]}', ['spec.rules.0.timeouts.backendRequest']],
  ['a try under no limit', 'HTTPRoute', '{rules: [{timeouts: {request: 0s, backendRequest: 2s}}]}', []],
  ['a duration with a fraction', 'HTTPRoute', '{rules: [{timeouts: {request: 1.5s}}]}', ['spec.rules.0.timeouts.request']],
  ['a rule name twice', 'HTTPRoute', '{rules: [{name: a}, {name: a}]}', ['spec.rules.1.name']],
  ['a parent twice', 'HTTPRoute', '{parentRefs: [{name: web}, {name: web}]}', ['spec.parentRefs']],
  [
    'a header value with a line break',
    'HTTPRoute',
    '{rules: [{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: "b\\nc"}]}}]}]}',
    ['spec.rules.0.filters.0.requestHeaderModifier.set.0.value'],
  ],
  ['a call', 'GRPCRoute', '{rules: [{matches: [{method: {service: shop.v1.Catalog, method: Get}}], backendRefs: [{name: a, port: 1}]}]}', []],
  ['a call without any name', 'GRPCRoute', '{rules: [{matches: [{method: {}}]}]}', ['spec.rules.0.matches.0.method']],
  ['a service with a slash', 'GRPCRoute', '{rules: [{matches: [{method: {service: shop/v1}}]}]}', ['spec.rules.0.matches.0.method.service']],
  ['a grant', 'ReferenceGrant', '{from: [{group: "", kind: Gateway, namespace: a}], to: [{group: "", kind: Secret}]}', []],
  ['a grant to nobody', 'ReferenceGrant', '{from: [], to: [{group: "", kind: Secret}]}', ['spec.from']],
  ['backend TLS', 'BackendTLSPolicy', '{targetRefs: [{group: "", kind: Service, name: a}], validation: {hostname: a.b, wellKnownCACertificates: System}}', []],
  [
    'backend TLS without authority',
    'BackendTLSPolicy',
    '{targetRefs: [{group: "", kind: Service, name: a}], validation: {hostname: a.b}}',
    ['spec.validation.caCertificateRefs'],
  ],
];
for (const [name, kind, spec, expected] of cases) {
  test(`gateway kinds: ${name} (${kind}) is ${expected.length === 0 ? 'read' : 'refused'}`, () => {
    const { versions, schema } = kinds[kind];
    const object = { apiVersion: `gateway.networking.k8s.io/${versions[0]}`, kind, metadata: { name: 'x' }, spec: parse(spec) as unknown };
    const issues = schema.safeParse(object).error?.issues ?? [];
    assert.deepEqual(issues.map(({ path }) => path.join('.')).sort(), expected.toSorted());
  });
}

test('gateway kinds: a long header value that does not fit is refused at once', () => {
  const value = `${'a '.repeat(2000)}\u0001`;
  const spec = { rules: [{ filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'a', value }] } }] }] };
  // Time of the processor: what else the machine does is not counted.
  const before = process.cpuUsage();
  assert.equal(kinds.HTTPRoute.schema.safeParse({ apiVersion: 'v1', kind: 'HTTPRoute', metadata: { name: 'x' }, spec }).success, false);
  assert.ok(process.cpuUsage(before).user < 1_000_000);
});
