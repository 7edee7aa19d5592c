import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedCluster, cluster, endpoints, listener, routes, secret, snapshotOf } from '../../test/fake/resources.ts';
import { typed } from '../proto/message.ts';
import { duration, uint32 } from '../proto/values.ts';
import type { Resource } from '../resource.ts';
import { done } from '../work.ts';
import { resource } from '../xds/encode.ts';
import { groupPlan } from './plan.ts';

const plan = (before: readonly Resource[] | undefined, after: readonly Resource[] | undefined) =>
  done(groupPlan('default', before ? { snapshot: snapshotOf('default', before) } : {}, after ? { snapshot: snapshotOf('default', after) } : {}, 30));

const shop = [listener('l', 80, 'r'), routes('r', { '/a': 'a', '/b': 'b' }), cluster('a'), cluster('b'), endpoints('a', [1]), endpoints('b', [1])];
const with_ = (...changed: readonly Resource[]): readonly Resource[] => [...shop, ...changed];
const without = (...gone: readonly string[]): readonly Resource[] => shop.filter(({ type, name }) => !gone.includes(`${type} ${name}`));

/** A route configuration of one route that is split. */
function split(weights: Readonly<Record<string, number>>): Resource {
  const clusters = Object.entries(weights).map(([name, weight]) => ({ name, weight: uint32(weight) }));
  const message = {
    name: 'r',
    virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ name: 'split', match: { prefix: '/' }, route: { weighted_clusters: { clusters } } }] }],
  };
  return resource('routes', 'r', message, []);
}

/** A cluster that hashes. */
function hashing(name: string, policy: 'RingHash' | 'Maglev'): Resource {
  const typed_config =
    policy === 'Maglev'
      ? typed('envoy.extensions.load_balancing_policies.maglev.v3.Maglev', {})
      : typed('envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash', {});
  const load_balancing_policy = { policies: [{ typed_extension_config: { name: policy, typed_config } }] };
  return resource('clusters', name, { name, type: 'EDS', load_balancing_policy }, []);
}

test('nothing differs: nothing follows', () => {
  const { change, consequences } = plan(shop, shop);
  assert.equal(change, 'none');
  assert.deepEqual(consequences, { drained: [], warmed: [], removedClusters: [], moved: [], cold: [], phases: [] });
});

test('weights: what moves is the difference of the shares, and nothing else is told of them', () => {
  const { diff, consequences } = plan([split({ a: 90, b: 10 })], [split({ a: 5, b: 4, c: 1 })]);
  assert.deepEqual(
    diff.routes.map(({ change, fields, name }) => ({ change, fields, name })),
    [{ change: 'changed', fields: [], name: 'split' }],
  );
  const [moved] = consequences.moved;
  assert.deepEqual([consequences.moved.length, moved?.why, moved?.of], [1, 'split', 'r split']);
  assert.ok(Math.abs((moved?.share ?? 0) - 0.4) < 1e-9);
  assert.equal(plan([split({ a: 90, b: 10 })], [split({ a: 9, b: 1 })]).consequences.moved.length, 0);
});

test('routes are new, gone, changed or only at another place', () => {
  const changes = (after: Readonly<Record<string, string>>) =>
    plan([routes('r', { '/a': 'a', '/b': 'b', '/c': 'c' })], [routes('r', after)]).diff.routes.map(({ name, change }) => `${change} ${name}`);
  assert.deepEqual(changes({ '/c': 'c', '/a': 'a', '/b': 'b' }), ['moved /c']);
  assert.deepEqual(changes({ '/x': 'a', '/a': 'a', '/b': 'other' }), ['added /x', 'changed /b', 'removed /c']);
});

test('virtual hosts and whole route configurations are told as well', () => {
  const { diff } = plan(shop, without('routes r'));
  assert.deepEqual(
    diff.hosts.map(({ change, virtualHost }) => [change, virtualHost]),
    [
      ['removed', undefined],
      ['removed', 'all'],
    ],
  );
  assert.deepEqual(
    diff.routes.map(({ change, name }) => `${change} ${name}`),
    ['removed /a', 'removed /b'],
  );
});

test('a cluster: fields with values as Envoy prints them, and what it waits for', () => {
  const { diff, consequences } = plan(shop, with_(cluster('a', 2000), checkedCluster('new'), endpoints('new', [1])));
  assert.deepEqual(diff.clusters, [
    { name: 'a', change: 'changed', fields: [{ path: 'connect_timeout', before: '1s', after: '2s' }] },
    { name: 'new', change: 'added', fields: [] },
  ]);
  assert.deepEqual(consequences.warmed, [
    { cluster: 'a', isNew: false, endsSlowStart: false, young: [], waitsFor: ['endpoints'] },
    { cluster: 'new', isNew: true, endsSlowStart: false, young: [], waitsFor: ['endpoints', 'health checks'] },
  ]);
});

test('a cluster whose Envoys warm up endpoints is made anew: those that are young are told, as far as they are known', () => {
  const slow = (connectMs: number): Resource => {
    const typed_config = typed('envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin', {
      slow_start_config: { slow_start_window: duration(30_000) },
    });
    const load_balancing_policy = { policies: [{ typed_extension_config: { name: 'round_robin', typed_config } }] };
    return resource('clusters', 'slow', { name: 'slow', type: 'EDS', connect_timeout: duration(connectMs), load_balancing_policy }, []);
  };
  const young = new Map([
    ['slow', [{ address: '10.0.0.1:80', percent: 34 }]],
    ['a', [{ address: '10.0.0.2:80', percent: 50 }]],
  ]);
  const warmed = (before: readonly Resource[], after: readonly Resource[]) => {
    const sides = [{ snapshot: snapshotOf('default', [...shop, ...before]), young }, { snapshot: snapshotOf('default', after) }] as const;
    const { consequences } = done(groupPlan('default', ...sides, 30));
    return consequences.warmed.map(({ cluster: name, endsSlowStart, young: told }) => [name, endsSlowStart, told]);
  };
  // What Sluice weighs goes on: its weights are endpoints.
  assert.deepEqual(warmed([slow(1000)], [...shop, slow(2000), cluster('a', 2000)]), [
    ['a', false, []],
    ['slow', true, [{ address: '10.0.0.1:80', percent: 34 }]],
  ]);
  assert.deepEqual(warmed([], [...shop, slow(2000)]), [['slow', false, []]]);
  assert.deepEqual(warmed([slow(1000)], shop), []);
});

test('a cluster without requests for as long as its window, or longer, is cold when it gets some', () => {
  const cold = (before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>, idleMs: number) => {
    const idle = new Map([['a', { idleMs, windowMs: 30_000 }]]);
    const sides = [{ snapshot: snapshotOf('default', [split(before)]), idle }, { snapshot: snapshotOf('default', [split(after)]) }] as const;
    return done(groupPlan('default', ...sides, 30)).consequences.cold;
  };
  assert.deepEqual(cold({ a: 0, b: 100 }, { a: 100, b: 0 }, 60_000), [{ cluster: 'a', idleMs: 60_000, windowMs: 30_000, route: 'r split', share: 1 }]);
  assert.equal(cold({ b: 1 }, { a: 1, b: 3 }, 30_000)[0]?.share, 0.25);
  assert.deepEqual(cold({ a: 0, b: 100 }, { a: 100, b: 0 }, 29_999), [], 'it is still warm');
  assert.deepEqual(cold({ a: 0, b: 100 }, { a: 0, b: 99 }, 60_000), [], 'it still gets none');
});

test('steps: make, switch, withdraw, remove', () => {
  const after = [listener('other', 81, 's'), routes('s', { '/': 'c' }), cluster('c'), endpoints('c', [1]), cluster('a'), endpoints('a', [1])];
  const { consequences } = plan(shop, after);
  assert.deepEqual(consequences.phases, [
    { phase: 'make', counts: { clusters: 1, endpoints: 1 } },
    { phase: 'switch', counts: { listeners: 1, routes: 1 } },
    { phase: 'withdraw', counts: { listeners: 1, routes: 1 } },
    { phase: 'remove', counts: { clusters: 1, endpoints: 1 } },
  ]);
  assert.deepEqual(consequences.removedClusters, ['b']);
});

/** A listener with filter chains by name; the value is their statistics' prefix. */
function chained(chains: Readonly<Record<string, string>>, port = 80): Resource {
  const filter_chains = Object.entries(chains).map(([name, stat_prefix]) => ({
    name,
    filters: [
      {
        name: 'http',
        typed_config: typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', { stat_prefix, route_config: { name: 'r' } }),
      },
    ],
  }));
  return resource('listeners', 'l', { name: 'l', address: { socket_address: { address: '127.0.0.1', port_value: port } }, filter_chains }, []);
}

test('listeners drain what changes: nothing, some chains, all, or the port is closed', () => {
  const before = [chained({ a: 'x', b: 'x' })];
  const drained = (after: readonly Resource[]) => plan(before, after).consequences.drained;
  assert.deepEqual(drained([chained({ a: 'x', b: 'x', c: 'x' })]), []);
  assert.deepEqual(drained([chained({ a: 'y', b: 'x' })]), [{ listener: 'l', what: 'chains', chains: ['a'] }]);
  assert.deepEqual(drained([chained({ b: 'x' })]), [{ listener: 'l', what: 'chains', chains: ['a'] }]);
  assert.deepEqual(drained([chained({ a: 'x', b: 'x' }, 81)]), [{ listener: 'l', what: 'all', chains: [] }]);
  assert.deepEqual(drained([]), [{ listener: 'l', what: 'removed', chains: [] }]);
});

test('users of a cluster that hashes move with its endpoints and its way to hash', () => {
  const ring = [hashing('a', 'RingHash'), endpoints('a', [1, 2, 3])];
  assert.deepEqual(plan(ring, [hashing('a', 'RingHash'), endpoints('a', [1, 2, 3, 4])]).consequences.moved, [{ why: 'endpoints', of: 'a', share: 0.25 }]);
  assert.deepEqual(plan(ring, [hashing('a', 'Maglev'), endpoints('a', [1, 2])]).consequences.moved, [{ why: 'hash', of: 'a', share: 1 }]);
  assert.deepEqual(plan(shop, with_(endpoints('a', [1, 2]))).consequences.moved, []);
});

test('endpoints: who comes and goes', () => {
  const { diff } = plan(shop, with_(endpoints('a', [2, 3])));
  assert.deepEqual(diff.endpoints, [
    { cluster: 'a', added: ['127.0.0.1:2', '127.0.0.1:3'], removed: ['127.0.0.1:1'], changed: [], before: 1, after: 2, kept: 0 },
  ]);
});

test('of a secret nothing is told but that it differs', () => {
  const { diff } = plan([secret('s', 'old value')], [secret('s', 'new value')]);
  assert.deepEqual(diff.secrets, [{ name: 's', change: 'changed', fields: [] }]);
  assert.ok(!JSON.stringify(diff).includes('value'));
});

test('what the fuse would hold in bulk is said', () => {
  const many = Array.from({ length: 20 }, (_, index) => cluster(`c${index}`));
  assert.match(plan([...shop, ...many], shop).consequences.heldInBulk ?? '', /20 of 22 clusters/);
  assert.equal(plan([...shop, ...many], [...shop, ...many.slice(5)]).consequences.heldInBulk, undefined);
});

test('a group that is new or gone', () => {
  const added = plan(undefined, shop);
  assert.deepEqual([added.change, added.from, added.consequences.drained, added.consequences.heldInBulk], ['added', undefined, [], undefined]);
  const removed = plan(shop, undefined);
  assert.deepEqual([removed.change, removed.to], ['removed', undefined]);
  assert.match(removed.consequences.heldInBulk ?? '', /takes away/);
});
