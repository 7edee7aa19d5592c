import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { share } from '../../test/fake/representation.ts';
import { assignment, endingEndpoint as ending, readyEndpoint as ready, splitSnapshot as served, sharesOf } from '../../test/fake/split-snapshot.ts';
import type { Endpoint } from '../ir/backend.ts';
import type { WeightedBackend } from '../ir/route.ts';
import { decode } from '../proto/codec.ts';
import type { Resource, Snapshot } from '../resource.ts';
import { withLivingShares } from './living-shares.ts';
import { patched } from './patched-map.ts';

const two = [share('v1', 90), share('v2', 10)];

const main = (weight: number): WeightedBackend => share('v1', weight, { isMain: true });

const cases: readonly [what: string, backends: readonly WeightedBackend[], endpoints: Readonly<Record<string, readonly Endpoint[]>>, names: string][] = [
  ['all live', two, { v1: [ready], v2: [ready] }, 'v1 90, v2 10'],
  ['one is empty', two, { v1: [ready], v2: [] }, 'v1 90, v1 10'],
  ['the large one is empty', two, { v1: [], v2: [ready] }, 'v2 90, v2 10'],
  ['one only ends', two, { v1: [ready], v2: [ending] }, 'v1 90, v1 10'],
  ['one ends in part', two, { v1: [ready], v2: [ending, ready] }, 'v1 90, v2 10'],
  ['one ends, one is empty', two, { v1: [ending], v2: [] }, 'v1 90, v1 10'],
  ['both end', two, { v1: [ending], v2: [ending] }, 'v1 90, v2 10'],
  ['both are empty', two, { v1: [], v2: [] }, 'v1 90, v2 10'],
  ['the others stay', [share('v1', 70), share('v2', 20), share('v3', 10)], { v1: [ready], v2: [], v3: [ready] }, 'v1 70, v1 20, v3 10'],
  ['the heir is the largest', [share('v3', 10), share('v2', 20), share('v1', 70)], { v1: [ready], v2: [], v3: [ready] }, 'v3 10, v1 20, v1 70'],
  ['two are empty', [share('v1', 70), share('v2', 20), share('v3', 10)], { v1: [], v2: [ready], v3: [] }, 'v2 70, v2 20, v2 10'],
  ['a weight of 0 is no life', [share('v1', 0), share('v2', 10)], { v1: [ready], v2: [] }, 'v1 0, v2 10'],
  ['an unresolved one inherits nothing', [share(undefined, 90), share('v2', 10)], { v2: [] }, 'sluice/unresolved 90, v2 10'],
  ['a canary is empty', [main(90), share('v2', 10)], { v1: [ready], v2: [] }, 'v1 90, v1 10'],
  ['a canary that a header chooses is empty', [main(0), share('v2', 1)], { v1: [ready], v2: [] }, 'v1 0, v1 1'],
  ['the main one is empty, and nobody stands in for it', [main(0), share('v2', 100)], { v1: [], v2: [ready] }, 'v1 0, v1 100'],
  ['the main one only ends', [main(50), share('v2', 50)], { v1: [ending], v2: [ready] }, 'v1 50, v2 50'],
  ['and loses nothing', [share('v1', 50), share(undefined, 40), share('v2', 10)], { v1: [ready], v2: [] }, 'v1 50, sluice/unresolved 40, v1 10'],
];

for (const [what, backends, endpoints, expected] of cases) {
  test(`shares: ${what}`, () => {
    const before = served(backends, endpoints);
    const after = withLivingShares(before);
    assert.equal(
      sharesOf(after)
        .map(([name, weight]) => `${name} ${weight}`)
        .join(', '),
      expected,
    );
    assert.equal(after.revision, before.revision);
    assert.equal(after.resources.clusters, before.resources.clusters);
  });
}

test('the heir gives its own changes of headers and host to what it inherits', () => {
  const changed = share('v1', 90, { hostRewrite: 'inner', requestHeaders: { set: [{ name: 'x', value: '1' }], add: [], remove: [] } });
  const { resources } = withLivingShares(served([changed, share('v2', 10, { hostRewrite: 'other' })], { v1: [ready], v2: [] }));
  const { virtual_hosts = [] } = decode('envoy.config.route.v3.RouteConfiguration', resources.routes.get('default/80')?.bytes ?? new Uint8Array());
  const [own, inherited] = virtual_hosts[0]?.routes?.[0]?.route?.weighted_clusters?.clusters ?? [];
  assert.deepEqual({ ...inherited, weight: own?.weight }, own);
});

for (const [what, backends] of [
  ['with a split', two],
  ['without one', [share('v1', 1)]],
] as const) {
  test(`endpoints that change cost no look at the routes again, ${what}`, () => {
    const first = served(backends, { v1: [ready], v2: [ready] });
    let looks = 0;
    class Watched extends Map<string, Resource> {
      override values(): MapIterator<Resource> {
        looks += 1;
        return super.values();
      }
    }
    const routes = new Watched(first.resources.routes);
    const withEndpoint = (endpoint: Endpoint): Snapshot => {
      const endpoints = patched(first.resources.endpoints, [['v1', assignment('v1', [endpoint])]]);
      return withLivingShares({ ...first, resources: { ...first.resources, routes, endpoints } });
    };
    for (const endpoint of [ready, ending, ready]) withEndpoint(endpoint);
    assert.equal(looks, 1);
  });
}

describe('while endpoints come and go', () => {
  const first = served(two, { v1: [ready], v2: [ready] });
  const withEndpoints = (snapshot: Snapshot, ...assignments: readonly Resource[]): Snapshot => {
    const entries = assignments.map((one) => [one.name, one] as const);
    return { ...snapshot, resources: { ...snapshot.resources, endpoints: patched(snapshot.resources.endpoints, entries) } };
  };
  const text = (snapshot: Snapshot): string => sharesOf(withLivingShares(snapshot)).join(' ');

  test('the share goes and comes back, and the routes are as they were', () => {
    assert.equal(text(first), 'v1,90 v2,10');
    const gone = withEndpoints(first, assignment('v2', []));
    assert.equal(text(gone), 'v1,90 v1,10');
    const back = withEndpoints(gone, assignment('v2', [ready]));
    assert.equal(withLivingShares(back).resources.routes, first.resources.routes);
  });

  test('endpoints that give and take no life leave the routes the same object', () => {
    const gone = withEndpoints(first, assignment('v2', []));
    const before = withLivingShares(gone).resources.routes;
    const more = withEndpoints(gone, assignment('v1', [ready, { ...ready, port: 81 }]));
    assert.equal(withLivingShares(more).resources.routes, before);
  });

  test('what is not served has no share to lose, and inherits none', () => {
    const { resources } = served(two, { v1: [ready], v2: [] });
    const clusters = new Map([...resources.clusters].filter(([name]) => name !== 'v1'));
    assert.equal(text({ ...first, resources: { ...resources, clusters } }), 'v1,90 v2,10');
  });
});
