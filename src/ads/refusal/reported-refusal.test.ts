import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, manyRoutes, snapshotOf } from '../../../test/fake/resources.ts';
import { routePieces } from '../../revision/route-pieces.ts';
import type { ToldRefusal } from './refusals.ts';
import { joinedRefusals, reportedRefusal } from './reported-refusal.ts';

const table = manyRoutes('default/80', 3, 'shop/80', [1]);
const served = snapshotOf('default', [cluster('shop/80'), table]);
const piece = [...routePieces(table).values()].find(({ route }) => route === '/1/') ?? assert.fail();
const ofCluster: ToldRefusal = { ...cluster('shop/80'), instead: 'lastGood', message: 'too old', group: served.group, agent: 'envoy 1.40.0' };
const ofRoute: ToldRefusal = { ...table, piece, instead: 'standIn', message: 'bad', group: served.group, agent: 'envoy 1.40.0' };
/** As it comes over the wire. */
const reported = (refusal: ToldRefusal) => JSON.parse(JSON.stringify(reportedRefusal(refusal)));
const told = (refusals: readonly ToldRefusal[]) => refusals.map(({ name, origins, message, piece: { route } = {} }) => [name, origins, message, route]);

test('what others refuse is found among the resources that are served here', () => {
  assert.deepEqual(told(joinedRefusals([], [reported(ofCluster), reported(ofRoute)], () => served)), told([ofCluster, ofRoute]));
  assert.deepEqual(
    joinedRefusals([], [reported(ofCluster)], () => undefined),
    [],
  );
});

test('what changed since is refused by nobody, and a route by those who know this very route', () => {
  const changed = snapshotOf('default', [cluster('shop/80', 2000), manyRoutes('default/80', 4, 'shop/80', [1])]);
  assert.deepEqual(told(joinedRefusals([], [reported(ofCluster), reported(ofRoute)], () => changed)), told([{ ...ofRoute, origins: table.origins }]));
});

test('what is known already is told once', () => {
  assert.deepEqual(
    joinedRefusals([ofCluster], [reported({ ...ofCluster, message: 'the same in other words' })], () => served),
    [ofCluster],
  );
  assert.equal(joinedRefusals([ofCluster], [reported({ ...ofCluster, node: 'envoy-1' })], () => served).length, 2);
});
