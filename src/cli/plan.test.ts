import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gatewayYaml, routeYaml, serviceYaml } from '../../test/e2e/objects.ts';
import { runWords } from '../../test/fake/command-line.ts';

/** Two folders of objects, and a function that runs `sluice plan` from the first to the second. */
function folders(t: TestContext, before: readonly string[], after: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-plan-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [old, next] = ['old', 'next'].map((name) => join(root, name)) as [string, string];
  for (const [folder, objects] of [
    [old, before],
    [next, after],
  ] as const) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'all.yaml'), objects.join('\n---'));
  }
  return (...words: readonly string[]) => runWords(['plan', next, '-c', old, ...words]);
}

const services = [serviceYaml('a', [1]), serviceYaml('b', [2])];

test('a change of weights is told with what it means and where it is written', async (t) => {
  const plan = folders(t, [gatewayYaml, routeYaml('shop', { a: 90, b: 10 }), ...services], [gatewayYaml, routeYaml('shop', { a: 50, b: 50 }), ...services]);
  const { status, printed, complained } = await plan();
  assert.equal(complained, '');
  assert.equal(status, 0);
  assert.match(printed, /^~ +default\/80 +\* +\/\* +default\/a\/80 90% → 50%, default\/b\/80 10% → 50% +\S+next\/all\.yaml:\d+:\d+ \+1$/m);
  assert.match(printed, /^- no listener lets go of connections$/m);
  assert.match(printed, /^- 40% of the requests of default\/80 HTTPRoute\/default\/shop\/\S+ go to another cluster$/m);
  assert.match(printed, /^- in this order: switch 1 route$/m);
  assert.equal((await plan('--exit-code')).status, 1);
  const { groups } = JSON.parse((await plan('-o', 'json')).printed);
  assert.deepEqual([groups.length, groups[0].change, groups[0].diff.routes.length, groups[0].consequences.moved.length], [1, 'changed', 1, 1]);
});

test('nothing differs: said, and no failure', async (t) => {
  const objects = [gatewayYaml, routeYaml('shop', { a: 1 }), ...services];
  const plan = folders(t, objects, objects);
  const { status, printed } = await plan('--exit-code');
  assert.deepEqual([status, /^group default: nothing differs \([0-9a-f]{16}\)\n$/.test(printed)], [0, true], printed);
  assert.equal((await plan('--raw')).printed.trim(), '');
});

test('the raw form is a unified diff of Envoy’s YAML', async (t) => {
  const plan = folders(t, [gatewayYaml, routeYaml('shop', { a: 1, b: 1 }), ...services], [gatewayYaml, routeYaml('shop', { a: 3, b: 1 }), ...services]);
  const { printed } = await plan('--raw');
  assert.match(printed, /^--- routes default\/80\n\+\+\+ routes default\/80\n@@ /);
  assert.match(printed, /^- +weight: 1$/m);
  assert.match(printed, /^\+ +weight: 3$/m);
  assert.match((await plan('--raw', '-o', 'json')).complained, /cannot be used with option/);
});

test('removing a backend and the gateway: connections, clusters and what the fuse would do', async (t) => {
  const plan = folders(t, [gatewayYaml, routeYaml('shop', { a: 1 }), ...services], services);
  const { status, printed } = await plan();
  assert.equal(status, 0);
  assert.match(printed, /^group default: [0-9a-f]{16} → gone$/m);
  assert.match(printed, /^- listener \S+ is closed, and its connections are drained$/m);
  assert.match(printed, /^- removed with their connections, after the drain delay: cluster default\/a\/80$/m);
  assert.match(printed, /^- the fuse holds it where it comes in bulk/m);
});

test('mistakes in the folder that is planned are told, and end with 1', async (t) => {
  const plan = folders(t, [gatewayYaml, routeYaml('shop', { a: 1 }), ...services], [gatewayYaml, routeYaml('shop', { nowhere: 1 }), ...services]);
  const { status, complained } = await plan();
  assert.equal(status, 1);
  assert.match(complained, /all\.yaml:\d+:\d+ error BackendNotFound/);
});

test('a policy that changes a cluster: what happens to connections, and to what is warming up', async (t) => {
  const policy = (window: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: a}
spec: {targetRefs: [{group: "", kind: Service, name: a}], slowStart: {mode: Envoy, window: ${window}}}`;
  const objects = [gatewayYaml, routeYaml('shop', { a: 1 }), ...services];
  const { printed } = await folders(t, [...objects, policy('30s')], [...objects, policy('60s')])();
  assert.match(printed, /^- made anew: cluster default\/a\/80; the old ones serve until these are warm, once there: endpoints$/m);
  assert.match(printed, /^ {2}requests under way end on the connections of the old ones, all others need new connections$/m);
  assert.match(printed, /^- slow start of cluster default\/a\/80 ends at once for whatever is warming up then$/m);
});
