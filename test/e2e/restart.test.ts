import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createAdsServer } from '../../src/ads/server.ts';
import { systemClock } from '../../src/clock.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { defaultSettings } from '../../src/settings.ts';
import { readFolder } from '../../src/source/folder.ts';
import { createMemoryHistory } from '../../src/state/memory.ts';
import { createMetrics } from '../../src/status/metrics.ts';
import { createStore } from '../../src/store/store.ts';
import { startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

for (const protocol of ['delta', 'sotw'] as const) {
  test(`the server restarts under load: no request fails, and Envoy is told nothing that it has (${protocol})`, async () => {
    await using a = await startHttpBackend('a');
    await using b = await startHttpBackend('b');
    const objects = (port: number): string => [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [port])].join('\n---');
    await using stack = await startStack({ objects: { 'all.yaml': objects(a.port) }, protocol });
    await using traffic = startLoad({ port: stack.httpPort, rate: 200, halfPost: true });
    await sleep(500);
    const updates = ['listener_manager.listener_modified', 'cluster_manager.cluster_modified', 'cluster_manager.cluster_removed'];
    const before = await Promise.all(updates.map((name) => stack.stat(name)));
    await stack.stopServer();
    await sleep(1000);
    await stack.startServer();
    await waitFor('Envoy is back', () => stack.server().ads.nodes().length === 1);
    await waitFor('it has all', () =>
      Object.values(stack.server().ads.nodes()[0]?.types ?? {}).every(({ state }) => state === 'ACKED' || state === 'UNREQUESTED'),
    );
    assert.deepEqual(await Promise.all(updates.map((name) => stack.stat(name))), before);
    await stack.write('all.yaml', objects(b.port));
    await waitFor('a change arrives after the restart', () => b.count() > 0);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
  });
}

test('while a source has not listed, an Envoy that serves is told nothing', async () => {
  await using a = await startHttpBackend('a');
  const objects = [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [a.port])].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': objects } });
  const { xdsAddress } = stack.server();
  await stack.stopServer();

  // The parts of the server by hand, with a second source that is slow.
  const log = pino({ level: 'silent' });
  const store = createStore(['fast', 'slow']);
  const settings = { ...defaultSettings, listenAddress: '127.0.0.1', httpPort: stack.httpPort, httpsPort: stack.httpsPort };
  const engine = createEngine({ store, settings, clock: systemClock, log, history: createMemoryHistory({ clock: systemClock, log }) });
  const ads = createAdsServer({ snapshots: engine.snapshots, clock: systemClock, log, observer: createMetrics(), insecure: false });
  try {
    await ads.listen(xdsAddress);
    store.sink('fast').list(readFolder([stack.folder]).objects.filter(({ kind }) => kind !== 'HTTPRoute'));
    await using traffic = startLoad({ port: stack.httpPort, rate: 100 });
    await waitFor('Envoy is connected', () => ads.nodes().length === 1);
    await sleep(1500);
    assert.match(ads.nodes()[0]?.reason ?? '', /source/);
    store.sink('slow').list(readFolder([stack.folder]).objects.filter(({ kind }) => kind === 'HTTPRoute'));
    await waitFor('Envoy has all', () => ads.nodes()[0]?.revisionAcked !== undefined);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
  } finally {
    engine.stop();
    await ads.stop(1000);
  }
});
