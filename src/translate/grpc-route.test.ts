import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import { fakeResolver, places, routeLine } from '../../test/fake/translation.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { grpcRouteRoutes } from './grpc-route.ts';
import { createTrafficPolicies } from './traffic/policies.ts';

/** Name, `spec.rules`, routes, diagnostics. */
const cases: readonly [string, string, readonly string[], readonly string[]][] = [
  ['every call', '[{backendRefs: [{name: a, port: 1}]}]', ['/* grpc -> a:1~grpc'], []],
  [
    'methods',
    '[{matches: [{method: {service: s.v1.A, method: Get}}, {method: {service: s.v1.A}}, {method: {method: Get}}], backendRefs: [{name: a, port: 1}]}]',
    ['=/s.v1.A/Get grpc -> a:1~grpc', '/s.v1.A/* grpc -> a:1~grpc', '~/[^/]+/Get grpc -> a:1~grpc'],
    [],
  ],
  [
    'expressions',
    '[{matches: [{method: {type: RegularExpression, service: "s|t", method: "Get.*"}}, {method: {type: RegularExpression, service: "s"}}, {method: {type: RegularExpression, method: "G|H"}}], backendRefs: [{name: a, port: 1}]}]',
    ['~/(?:s|t)/(?:Get.*) grpc -> a:1~grpc', '~/(?:s)/[^/]+ grpc -> a:1~grpc', '~/[^/]+/(?:G|H) grpc -> a:1~grpc'],
    [],
  ],
  [
    'headers',
    '[{matches: [{headers: [{name: X-A, value: "1"}, {name: b, type: RegularExpression, value: "c+"}]}], backendRefs: [{name: a, port: 1}]}]',
    ['/* x-a=1 b~c+ grpc -> a:1~grpc'],
    [],
  ],
  [
    'bad expressions',
    '[{matches: [{method: {type: RegularExpression, service: "["}}, {headers: [{name: b, type: RegularExpression, value: "*"}]}], backendRefs: [{name: a, port: 1}]}]',
    [],
    ['InvalidRegex spec.rules.0.matches.0.method.service', 'InvalidRegex spec.rules.0.matches.1.headers.0.value'],
  ],
  ['nothing to call is UNAVAILABLE', '[{backendRefs: [{name: missing, port: 1}]}]', ['/* grpc -> 503'], []],
  [
    'mirrors and weights',
    '[{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 1}}}], backendRefs: [{name: a, port: 1, weight: 3}, {name: b, port: 1}]}]',
    ['/* grpc -> a:1~grpc 3, b:1~grpc 1 copy m:1~grpc 100/100'],
    [],
  ],
  ['no rules', '[]', [], []],
];
for (const [name, rules, lines, diagnostics] of cases) {
  test(`grpc route: ${name}`, () => {
    const view = fakeView(objectsOf(`{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: r}, spec: {rules: ${rules}}}`));
    const found: Diagnostic[] = [];
    const [route] = view.list('GRPCRoute');
    assert.ok(route);
    const routes = grpcRouteRoutes(route, {
      view,
      resolver: fakeResolver,
      traffic: { policies: createTrafficPolicies(view, () => undefined), around: [] },
      report: (one) => void found.push(one),
      collect: () => undefined,
    });
    assert.deepEqual(routes.map(routeLine), lines);
    assert.deepEqual(
      places(found).map((place) => place.replace(' GRPCRoute default/r', '')),
      diagnostics,
    );
  });
}
