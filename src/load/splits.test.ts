import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward, listener, route, routeConfiguration, share } from '../../test/fake/representation.ts';
import type { Group, StreamListener } from '../ir/gateway.ts';
import type { Approval, ErrorPages } from '../ir/route.ts';
import { routeResource } from '../xds/route.ts';
import { forwardingRoutes, routesBesideSplits, routesNamed } from './forwarding-routes.ts';
import { splitTable, splitTableOf } from './splits.ts';

const everything = { type: 'prefix', value: '/' } as const;
const copy = { cluster: 'v2', numerator: 1, denominator: 1, origins: [] };
const canary = route('canary', everything, { action: forward({ backends: [share('v1', 90), share('v2', 10)], mirrors: [copy] }) });

test('whatever sends requests to a cluster is among its users, also what no route shares out', () => {
  const asked = route('asked', everything, {
    action: { type: 'redirect', status: 302 },
    approval: { cluster: 'v2' } as Approval,
    errorPages: { clusters: ['v1'] as readonly string[] } as ErrorPages,
  });
  const [chain] = listener().filterChains;
  assert.ok(chain);
  const group: Group = {
    name: 'default',
    listeners: [listener({ name: 'default/443', filterChains: [{ ...chain, name: 'db.test', passesTo: 'v2' }] })],
    streams: [{ name: 'default/tcp/5432', cluster: 'v1' } as StreamListener],
    routeConfigurations: [routeConfiguration([canary, asked])],
    backends: [],
    secrets: [],
  };
  const { users, splits } = splitTableOf(group);
  assert.deepEqual([...splits.keys()], ['canary']);
  assert.deepEqual([...(users.get('v1') ?? [])].sort(), ['canary', 'connections to default/tcp/5432', 'error pages of asked']);
  assert.deepEqual([...(users.get('v2') ?? [])].sort(), ['canary', 'connections to db.test of default/443', 'copies of canary', 'questions of asked']);
});

test('copies of requests stand in the table of an Envoy too', () => {
  const { users } = splitTable(forwardingRoutes(routeResource(routeConfiguration([canary]), listener())));
  assert.deepEqual([...(users.get('v2') ?? [])].sort(), ['canary', 'copies of canary']);
});

test('of a table of an Envoy those hosts alone are read that have a split, or a route that is asked for', () => {
  const whole = (name: string) => route(name, everything, { action: forward({ backends: [share('v1', 1)] }) });
  const hosts = [[canary], [whole('a')], [whole('b'), whole('c')]];
  const virtualHosts = hosts.flatMap((routes, index) => routeConfiguration(routes, [`host-${index}`]).virtualHosts);
  const table = routeResource({ ...routeConfiguration([]), virtualHosts }, listener());
  const found = (routes: ReadonlyMap<string, { readonly virtualHosts: readonly string[] }>) =>
    [...routes].map(([name, { virtualHosts }]) => `${name} in ${virtualHosts.join()}`);
  assert.deepEqual(found(routesBesideSplits(table)), ['canary in host-0', 'copies of canary in host-0']);
  assert.deepEqual(found(routesNamed(table, new Set(['c', 'gone']))), ['b in host-2', 'c in host-2']);
});
