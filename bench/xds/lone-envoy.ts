import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SnapshotAnswer } from '../../src/admin/api/snapshot.ts';
import type { Children } from '../../src/launch/children.ts';
import { answer, fixed, fromFile, nameOf, source } from '../envoy-files.ts';
import { startPlainEnvoy } from '../plain-envoy.ts';
import { clusterName } from './objects.ts';
import type { Changes, RunningSluice } from './server.ts';

interface LoneEnvoyOptions {
  /** Path of an Envoy. */
  readonly binary: string;
  /** What it serves is what the files say. */
  readonly sluice: RunningSluice;
  /** Takes the files. */
  readonly folder: string;
  readonly children: Children;
}

/** An Envoy without a server. */
export interface LoneEnvoy {
  readonly changes: Changes;
  stop(): Promise<void>;
}

/**
 * Starts an Envoy that reads from files what Sluice serves. Only the endpoints of Service 0 are a file of their own: Envoy takes
 * an inotify instance for each file, and users have 128 of them. Those of all others stand in their clusters.
 */
export async function startLoneEnvoy({ binary, sluice, folder, children }: LoneEnvoyOptions): Promise<LoneEnvoy> {
  const response = await fetch(`http://${sluice.admin}/api/v1/snapshot`);
  if (!response.ok) throw new Error(`/api/v1/snapshot: ${response.status} ${await response.text()}`);
  const snapshot = (await response.json()) as SnapshotAnswer;
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => join(folder, `${name}.json`);
  const assignments = new Map(snapshot.endpoints.map((assignment) => [nameOf(assignment), assignment]));
  const changing = clusterName.replace('{service}', '0');
  const endpoints = answer('endpoints', [assignments.get(changing) ?? {}]);
  await writeFile(file('endpoints-0'), endpoints);
  await writeFile(file('template'), endpoints.replace(/"port_value":\d+/, '"port_value":{port}'));
  const clusters = snapshot.clusters.map((cluster) => {
    const name = nameOf(cluster);
    return name === changing ? fromFile(cluster, file('endpoints-0')) : fixed(cluster, assignments.get(name) ?? {});
  });
  await writeFile(file('clusters'), answer('clusters', clusters));
  await writeFile(
    file('listeners'),
    answer(
      'listeners',
      snapshot.listeners.map((listener) => fromFile(listener, file('routes'))),
    ),
  );
  await writeFile(file('routes'), answer('routes', snapshot.routes));
  const bootstrap = {
    node: { id: 'alone', cluster: 'alone' },
    dynamic_resources: { cds_config: source(file('clusters')), lds_config: source(file('listeners')) },
  };
  const { stop } = await startPlainEnvoy({ binary, bootstrap, folder, children, concurrency: 1, args: ['--drain-time-s', '1'] });
  return { changes: { endpointsFile: file('endpoints-{service}'), endpointsTemplate: file('template') }, stop };
}
