import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { parseAddress } from '../../src/address.ts';
import { createAdsServer } from '../../src/ads/server.ts';
import type { NodeStatus } from '../../src/ads/stream/status.ts';
import { systemClock } from '../../src/clock.ts';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { createChildren } from '../../src/launch/children.ts';
import { startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { uint32 } from '../../src/proto/values.ts';
import type { Resource } from '../../src/resource.ts';
import { resource } from '../../src/xds/encode.ts';
import { quietObserver } from '../fake/observer.ts';
import { cluster, endpoints, listener, routes } from '../fake/resources.ts';
import { createFakeSnapshots, type FakeSnapshots } from '../fake/snapshots.ts';
import { startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { freePort } from './port.ts';
import { patienceMs, waitFor } from './wait.ts';

/** A server and an Envoy with hand-made resources. Routes wait no longer than 500 ms for a cluster to warm. */
interface Bed extends AsyncDisposable {
  readonly snapshots: FakeSnapshots;
  readonly port: number;
  node(): NodeStatus | undefined;
  /** Names of the clusters that Envoy has now. */
  clusters(): Promise<readonly string[]>;
  envoyLog(): Promise<string>;
}

async function startBed(protocol: 'sotw' | 'delta', first: (port: number) => readonly Resource[]): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-xds-'));
  const children = createChildren();
  const snapshots = createFakeSnapshots();
  const observer = quietObserver;
  const ads = createAdsServer({ snapshots, clock: systemClock, log: pino({ level: 'silent' }), observer, limits: { warmMs: 500, drainMs: 300 } });
  async function close(): Promise<void> {
    await children.stop();
    await ads.stop(100);
    await rm(folder, { recursive: true, force: true });
  }
  try {
    const port = await freePort();
    snapshots.put('default', first(port));
    const xds = parseAddress(await ads.listen('127.0.0.1:0'));
    assert.ok(xds);
    const binary = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    const bootstrap = { node: 'envoy', group: 'default', xds, protocol, admin: { host: '127.0.0.1', port: 0 }, maxConnections: defaultMaxConnections };
    const envoy = await startEnvoy({ binary, folder, children, concurrency: 1, drainSeconds: 2, bootstrap });
    await envoy.ready(patienceMs);
    return {
      snapshots,
      port,
      node: () => ads.nodes()[0],
      async clusters() {
        const answer = await fetch(`http://${envoy.adminAddress}/clusters?format=json`);
        const { cluster_statuses: statuses = [] } = (await answer.json()) as { cluster_statuses?: { name: string; added_via_api?: boolean }[] };
        return statuses.filter((status) => status.added_via_api).map(({ name }) => name);
      },
      envoyLog: () => readFile(envoy.logFile, 'utf8'),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const eds = { type: 'EDS', eds_cluster_config: { eds_config: { ads: {}, resource_api_version: 'V3' } } } as const;
const origins = [{ object: 'Service default/bad' }];

/** Broken by the field rules of the Envoy API: refused before anything is made of it. */
const invalid = resource('clusters', 'bad', { name: 'bad', ...eds, outlier_detection: { max_ejection_percent: uint32(101) } }, origins);

/** Refused only while Envoy makes the cluster, which it then counts as warming for ever. */
const unmakeable = resource(
  'clusters',
  'bad',
  { name: 'bad', ...eds, lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: { value: 2000 }, maximum_ring_size: { value: 1000 } } },
  origins,
);

/** Envoy waits for 15 s where it misses something. */
const withinMs = 12_000;

for (const protocol of ['delta', 'sotw'] as const) {
  for (const [words, bad] of [
    ['breaks a field rule', invalid],
    ['cannot be made', unmakeable],
  ] as const) {
    test(`${protocol}: a cluster that ${words} stops neither newer clusters nor their routes, and all is well when it is gone`, async () => {
      await using a = await startHttpBackend('a');
      const state = (port: number, names: readonly string[]) => [
        ...names.flatMap((name) => [cluster(name), endpoints(name, [a.port])]),
        routes('web', { ...Object.fromEntries(names.map((name) => [`/${name}`, name])), '/': 'shop' }),
        listener('web', port),
      ];
      await using bed = await startBed(protocol, (port) => state(port, ['shop']));
      const names = ['shop'];
      for (let round = 1; round <= 7; round++) {
        names.push(`new-${round}`);
        bed.snapshots.put('default', [...state(bed.port, names), bad, endpoints('bad', [a.port])]);
        await waitFor(`cluster ${round} is there`, async () => (await bed.clusters()).includes(`new-${round}`), withinMs);
      }
      assert.match(await bed.envoyLog(), /MaxEjectionPercent|minimum_ring_size/, 'Envoy refused the bad cluster');
      await waitFor('the newest route works', async () => (await http(bed.port, '/new-7')).status === 200, withinMs);
      bed.snapshots.put('default', state(bed.port, names));
      await waitFor(
        'everything is acknowledged',
        () => {
          const node = bed.node();
          return node?.revisionAcked !== undefined && node.revisionAcked === node.revisionWanted && node.types.clusters?.state === 'ACKED';
        },
        withinMs,
      );
    });
  }
}
