import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeView, objectsOf } from '../../../test/fake/objects.ts';
import { build } from '../../build.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import { defaultSettings } from '../../settings.ts';
import { createTrafficPolicies } from './policies.ts';
import { ruleTraffic } from './scope.ts';

const objects = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shop}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec: {parentRefs: [{name: shop}], rules: [{name: checkout, backendRefs: [{name: a, port: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: b}
spec: {ports: [{port: 80}]}`;

const gatewayGroup = 'gateway.networking.k8s.io';

const policy = (target: string, spec: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: ${target.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '')}}
spec: {targetRefs: [{${target}}], ${spec}}`;

const of = {
  service: (name: string, spec: string) => policy(`group: "", kind: Service, name: ${name}`, spec),
  gateway: (spec: string) => policy(`group: ${gatewayGroup}, kind: Gateway, name: shop`, spec),
  listener: (spec: string) => policy(`group: ${gatewayGroup}, kind: Gateway, name: shop, sectionName: http`, spec),
  route: (spec: string) => policy(`group: ${gatewayGroup}, kind: HTTPRoute, name: shop`, spec),
  rule: (spec: string) => policy(`group: ${gatewayGroup}, kind: HTTPRoute, name: shop, sectionName: checkout`, spec),
};

function trafficOf(policies: readonly string[], services: readonly string[]) {
  const diagnostics: Diagnostic[] = [];
  const report = (one: Diagnostic): void => void diagnostics.push(one);
  const view = fakeView(objectsOf([objects, ...policies].join('\n---')));
  const all = createTrafficPolicies(view, report);
  const route = { kind: 'HTTPRoute', namespace: 'default', name: 'shop' } as const;
  const scope = { policies: all, around: all.ofListener('default', 'shop', 'http') };
  const refs = services.map((name) => ({ namespace: 'default', name }));
  const traffic = ruleTraffic(scope, [{ ...route, section: 'checkout' }, route], refs, () => ({}), report);
  return { traffic, ofBackend: (name: string) => traffic.ofBackend({ namespace: 'default', name }), codes: diagnostics.map(({ code }) => code) };
}

describe('what TrafficPolicies say of a rule', () => {
  const levels = [
    of.service('a', 'retries: {count: 1}'),
    of.gateway('retries: {count: 2}'),
    of.listener('retries: {count: 3}'),
    of.route('retries: {count: 4}'),
    of.rule('retries: {count: 5}'),
  ];
  for (const [index, level] of levels.entries()) {
    test(`${/targetRefs: \[\{(.*?)\}/.exec(level)?.[1]} wins over those below`, () => {
      assert.equal(trafficOf(levels.slice(0, index + 1), ['a']).traffic.rule.spec.retries?.count, index + 1);
    });
  }

  test('every field of retries, backoff and timeouts comes from the strongest that has it, and says so', () => {
    const { traffic } = trafficOf(
      [
        of.service('a', 'retries: {count: 1, backoff: {base: 1s}}, timeouts: {request: 1s}'),
        of.rule('retries: {backoff: {max: 9s}}, timeouts: {streamIdle: 2s}'),
      ],
      ['a'],
    );
    assert.deepEqual(traffic.rule.spec, { retries: { count: 1, backoff: { base: '1s', max: '9s' } }, timeouts: { request: '1s', streamIdle: '2s' } });
    assert.match(traffic.rule.origin('retries', 'backoff', 'base')?.object ?? '', /name-a$/);
    assert.equal(traffic.rule.origin('retries', 'perTryTimeout'), undefined);
  });

  test('a split and a session say one thing: the stronger replaces the weaker', () => {
    const { traffic } = trafficOf([of.gateway('sessionAffinity: {cookie: {name: s}}'), of.rule('sessionAffinity: {header: x-s}')], ['a']);
    assert.deepEqual(traffic.rule.spec, { sessionAffinity: { header: 'x-s' } });
  });

  test('what the Services of a rule do not have in common holds for none, and the rest does', () => {
    const { traffic, ofBackend, codes } = trafficOf(
      [of.gateway('retries: {count: 2}'), of.service('a', 'retries: {on: [Reset]}, timeouts: {request: 1s}'), of.service('b', 'timeouts: {request: 1s}')],
      ['a', 'b'],
    );
    assert.deepEqual(traffic.rule.spec, { retries: { count: 2 }, timeouts: { request: '1s' } });
    assert.deepEqual(ofBackend('a').spec.retries, { count: 2, on: ['Reset'] });
    assert.deepEqual(codes, ['ServicePoliciesDiffer']);
    assert.equal(traffic.rule.origin('retries', 'on'), undefined);
    assert.match(traffic.rule.origin('timeouts', 'request')?.object ?? '', /name-a$/);
  });

  test('where a stronger policy decides, Services may differ', () => {
    const rule = of.rule('retries: {count: 1, on: [], onIdempotent: [], perTryTimeout: 1s, backoff: {base: 1s, max: 1s}}');
    const { codes } = trafficOf([rule, of.service('a', 'retries: {on: [Reset]}')], ['a', 'b']);
    assert.deepEqual(codes, []);
  });
});

test('a policy that comes or goes is seen in the next build, by the routes of the same object', () => {
  const known = objectsOf(objects);
  const count = (policies: readonly string[]): number | undefined => {
    const { groups } = build(fakeView([...known, ...policies.flatMap((one) => objectsOf(one))]), defaultSettings);
    const action = groups.get('default')?.routeConfigurations[0]?.virtualHosts[0]?.routes[0]?.action;
    return action?.type === 'forward' ? action.retry?.count : undefined;
  };
  const changes = [[], [of.service('a', 'retries: {count: 7}')], [of.listener('retries: {count: 8}')], [of.rule('retries: {count: 9}')], []];
  assert.deepEqual(changes.map(count), [3, 7, 8, 9, 3]);
});
