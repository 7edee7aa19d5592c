import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SplitsAnswer } from '../../src/admin/api/splits.ts';
import type { SplitRow } from '../../src/load/split-rows.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { load } from './load.ts';
import { gatewayYaml, httpRouteYaml, routeYaml, serviceYaml } from './objects.ts';
import { assertShare, waitFor } from './wait.ts';

const clientLimits = { loadReportMs: 1000 };
const services = (v1: HttpBackend, v2: HttpBackend): string => [gatewayYaml, serviceYaml('v1', [v1.port]), serviceYaml('v2', [v2.port])].join('\n---');

async function splitsOf(stack: Stack): Promise<readonly SplitRow[]> {
  const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/splits`);
  return ((await answer.json()) as SplitsAnswer).rows;
}

const [v1Cluster, v2Cluster] = ['default/v1/80', 'default/v2/80'];

test('the share of a canary is wanted, acknowledged by every Envoy, and measured by what they sent', { timeout: 600_000 }, async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  const objects = { 'services.yaml': services(v1, v2), 'route.yaml': routeYaml('shop', { v1: 90, v2: 10 }) };
  await using stack = await startStack({ objects, clientLimits, envoys: ['default', 'default'] });
  const only = async (): Promise<SplitRow> => {
    const rows = await splitsOf(stack);
    assert.equal(rows.length, 1);
    return rows[0] as SplitRow;
  };
  await waitFor('both report', async () => (await only()).reporting.length === 2);
  assert.equal((await only()).unmeasured, 'noRequests');
  const sent = 3000;
  const result = await load({ port: stack.httpPort, rate: 1000, seconds: sent / 1000 });
  assert.deepEqual([result.sent, result.failed], [sent, 0]);
  const row = await waitFor('all of it is reported', async () => {
    const now = await only();
    assert.equal(
      now.backends.reduce((sum, { measured }) => sum + (measured?.requests ?? 0), 0),
      sent,
    );
    return now;
  });
  const [first, second] = row.backends;
  assert.deepEqual([first?.cluster, first?.wanted, second?.cluster, second?.wanted], [v1Cluster, 0.9, v2Cluster, 0.1]);
  assert.deepEqual(second?.acknowledged, [{ share: 0.1, envoys: ['envoy-0', 'envoy-1'] }]);
  assert.equal(second?.measured?.requests, v2.count());
  assert.equal(second?.measured?.share, v2.count() / sent);
  assert.equal(second?.measured?.errors, 0);
  assertShare(second?.measured?.requests ?? 0, sent, 0.1, 'measured share of v2');
  const metrics = await (await fetch(`http://${stack.server().adminAddress}/metrics`)).text();
  assert.ok(metrics.includes(`sluice_split_requests_total{group="default",cluster="${v2Cluster}",result="success"} ${v2.count()}\n`), metrics);

  await stack.write('route.yaml', routeYaml('shop', { v1: 50, v2: 50 }));
  await waitFor('what was measured of the old shares is not counted', async () => {
    const { backends, unmeasured, forMs } = await only();
    assert.deepEqual([backends[1]?.wanted, backends[1]?.acknowledged[0]?.share], [0.5, 0.5]);
    return forMs !== undefined && unmeasured === 'noRequests' && backends.every(({ measured }) => measured?.requests === 0);
  });
  await load({ port: stack.httpPort, rate: 500, seconds: 1 });
  await waitFor('the new shares are measured', async () => {
    const { backends } = await only();
    const [one, two] = [backends[0]?.sinceChange?.requests ?? 0, backends[1]?.sinceChange?.requests ?? 0];
    assert.equal(one + two, 500);
    assertShare(two, 500, 0.5, 'share since the change');
    return true;
  });

  await stack.write('route.yaml', routeYaml('shop', { v1: 1 }));
  await waitFor('a removed backend is shown until no Envoy has it', async () => {
    const removed = (await splitsOf(stack))[0]?.backends.find(({ cluster }) => cluster === v2Cluster);
    return removed && removed.wanted === undefined && (removed.remainsAt?.length ?? 0) > 0;
  });
  await waitFor('then it counts as removed', async () => (await splitsOf(stack)).length === 0);

  await stack.write('route.yaml', routeYaml('shop', { v1: 90, v2: 10 }));
  await waitFor('both have it again', async () => (await splitsOf(stack))[0]?.backends[1]?.acknowledged[0]?.envoys.length === 2);
  // As far as the server can tell it may go on.
  await stack.envoys[1]?.stop();
  await waitFor('one is away', () => stack.server().ads.nodes().length === 1);
  await stack.write('route.yaml', routeYaml('shop', { v1: 1 }));
  await waitFor('what no connected Envoy has is not called removed: one went without hearing of it', async () => {
    const row = (await splitsOf(stack))[0];
    assert.deepEqual([row?.away, row?.backends[1]?.wanted, row?.backends[1]?.remainsAt], [['envoy-1'], undefined, []]);
    return true;
  });
});

test('errors are counted, also those that a retry makes good, and a cluster of several routes is not divided by guess', { timeout: 600_000 }, async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2', { behaviour: { status: 500 } });
  const rules = [
    '{name: canary, backendRefs: [{name: v1, port: 80, weight: 1}, {name: v2, port: 80, weight: 1}]}',
    '{name: testers, matches: [{headers: [{name: x-tester, value: "yes"}]}], backendRefs: [{name: v2, port: 80}]}',
  ];
  const off = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: v2}
spec: {targetRefs: [{group: "", kind: Service, name: v2}], outlierDetection: {preset: "Off"}}`;
  const objects = { 'services.yaml': services(v1, v2), 'policy.yaml': off, 'route.yaml': httpRouteYaml('shop', rules.join(', ')) };
  await using stack = await startStack({ objects, clientLimits });
  await waitFor('it reports', async () => (await splitsOf(stack))[0]?.reporting.length === 1);
  const { failed } = await load({ port: stack.httpPort, rate: 400, seconds: 1 });
  await waitFor('all of it is reported', async () => {
    const row = (await splitsOf(stack))[0];
    const [first, second] = row?.backends ?? [];
    assert.equal(row?.unmeasured, 'otherRoutes');
    assert.deepEqual([first?.measured?.share, second?.measured?.share], [undefined, undefined]);
    assert.deepEqual([first?.measured?.errors, second?.measured?.requests, second?.measured?.errors], [0, failed, failed]);
    // All of v1 is of the canary, of v2 nobody knows.
    assert.deepEqual([first?.measured?.shareWithin?.atMost, second?.measured?.shareWithin?.atLeast], [1, 0]);
    assert.equal(second?.measured?.shareWithin?.atMost, failed / 400);
    assert.deepEqual(second?.otherRoutes, ['HTTPRoute/default/shop/testers']);
    return true;
  });
});
