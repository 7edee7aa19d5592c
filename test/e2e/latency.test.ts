import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SplitsAnswer } from '../../src/admin/api/splits.ts';
import { latencyBoundsMs } from '../../src/latency-bounds.ts';
import type { Latency } from '../../src/load/latency-ledger.ts';
import { startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { load } from './load.ts';
import { gatewayYaml, httpRouteYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

/** A cluster whose name has a colon, which the names of Envoy's statistics have not. */
const backendYaml = (name: string, port: number): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: ${name}}
spec: {endpoints: [{address: 127.0.0.1, port: ${port}}]}`;

/** Fails unless `milliseconds` is in the bucket of a wait of `waitedMs`, or in one of the next two: nobody answers at once. */
function assertAbout(milliseconds: number | undefined, waitedMs: number, what: string): void {
  const bucket = latencyBoundsMs.findIndex((bound) => bound >= waitedMs);
  const [least, most] = [latencyBoundsMs[bucket - 1] ?? 0, latencyBoundsMs[bucket + 2] ?? 0];
  assert.ok(milliseconds !== undefined && milliseconds >= least && milliseconds <= most, `${what}: ${milliseconds} ms is not within ${least} to ${most}`);
}

test('how long requests of each share took is measured by every Envoy, as exactly as its histograms are', { timeout: 600_000 }, async () => {
  await using v1 = await startHttpBackend('v1', { behaviour: { delayMs: 600 } });
  await using v2 = await startHttpBackend('v2', { behaviour: { delayMs: 2400 } });
  const references = `{name: v1, port: 80, weight: 1}, {group: gateway.sluice.dev, kind: Backend, name: v2, port: ${v2.port}, weight: 1}`;
  const route = httpRouteYaml('shop', `{name: canary, backendRefs: [${references}]}`);
  const objects = { 'all.yaml': [gatewayYaml, serviceYaml('v1', [v1.port]), backendYaml('v2', v2.port), route].join('\n---') };
  await using stack = await startStack({ objects, envoys: ['default', 'default'], clientLimits: { loadReportMs: 1000 } });
  const { failed } = await load({ port: stack.httpPort, rate: 50, seconds: 3, connections: 100 });
  assert.equal(failed, 0);
  v1.behaviour.delayMs = 6000;
  await load({ port: stack.httpPort, rate: 10, seconds: 1 });
  const latencies = await waitFor('all requests are told of', async () => {
    const answer = (await (await fetch(`http://${stack.server().adminAddress}/api/v1/splits`)).json()) as SplitsAnswer;
    const found = (answer.rows[0]?.backends ?? []).map(({ measured }) => measured?.latency);
    assert.deepEqual(
      found.map((one) => one?.count),
      [v1.count(), v2.count()],
    );
    return found as readonly Latency[];
  });
  const [first, second] = latencies;
  assertAbout(first?.p50Ms, 600, 'half of v1');
  assertAbout(first?.p99Ms, 6000, 'the slowest of v1');
  assertAbout(second?.p50Ms, 2400, 'half of v2');
  assertAbout(second?.p99Ms, 2400, 'the slowest of v2');
  // A report that holds nothing else is small: of an Envoy's other statistics, which are thousands, none is sent.
  const { reports, bytes } = stack.server().ads.latency.cost();
  assert.ok(bytes / reports < 3000, `${bytes} bytes in ${reports} reports`);
});
