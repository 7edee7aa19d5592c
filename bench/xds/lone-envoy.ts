import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SnapshotAnswer } from '../../src/admin/api/snapshot.ts';
import type { Children } from '../../src/launch/children.ts';
import type { Json } from '../../src/proto/codec.ts';
import { type ResourceType, typeUrls } from '../../src/resource.ts';
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
  /** A free port for its admin page. */
  readonly adminPort: number;
}

/** An Envoy without a server. */
export interface LoneEnvoy {
  readonly changes: Changes;
  stop(): Promise<void>;
}

const readyWithinMs = 120_000;

/**
 * Starts an Envoy that reads from files what Sluice serves. Only the endpoints of Service 0 are a file of their own: Envoy takes
 * an inotify instance for each file, and users have 128 of them. Those of all others stand in their clusters.
 */
export async function startLoneEnvoy({ binary, sluice, folder, children, adminPort }: LoneEnvoyOptions): Promise<LoneEnvoy> {
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
  await writeFile(file('bootstrap'), JSON.stringify(bootstrap(adminPort, file('clusters'), file('listeners'))));

  const args = ['-c', file('bootstrap'), '--disable-hot-restart', '--concurrency', '1', '--drain-time-s', '1'];
  const child = children.start({ command: binary, args, logFile: join(folder, 'envoy.log') });
  const deadline = performance.now() + readyWithinMs;
  while (!(await isReady(adminPort))) {
    if (!child.isRunning()) throw new Error(`the Envoy without a server: ${await child.ended}`);
    if (performance.now() > deadline) throw new Error(`the Envoy without a server is not ready after ${readyWithinMs / 1000} s`);
    await sleep(50);
  }
  return { changes: { endpointsFile: file('endpoints-{service}'), endpointsTemplate: file('template') }, stop: child.stop };
}

function isReady(adminPort: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${adminPort}/ready`).then(
    ({ ok }) => ok,
    // Not listening yet.
    () => false,
  );
}

/** The bootstrap of an Envoy of Sluice (one worker, ports of loopback), but for where its resources come from. */
function bootstrap(adminPort: number, clusters: string, listeners: string): Json {
  return {
    node: { id: 'alone', cluster: 'alone' },
    admin: { address: { socket_address: { address: '127.0.0.1', port_value: adminPort } } },
    dynamic_resources: { cds_config: source(clusters), lds_config: source(listeners) },
  };
}

const source = (path: string): Json => ({ path_config_source: { path }, resource_api_version: 'V3' });

/** A discovery response, as Envoy reads it from a file. */
function answer(type: ResourceType, resources: readonly Json[]): string {
  return JSON.stringify({ version_info: '0', resources: resources.map((resource) => ({ '@type': typeUrls[type], ...(resource as object) })) });
}

/** The same resource with a file wherever it says that something comes over ADS. */
function fromFile(json: Json, path: string): Json {
  if (Array.isArray(json)) return json.map((item) => fromFile(item, path));
  if (json === null || typeof json !== 'object') return json;
  if ('ads' in json) return source(path);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, fromFile(value, path)]));
}

/** The same cluster with its endpoints in it. */
function fixed(cluster: Json, assignment: Json): Json {
  const { eds_cluster_config: _, ...rest } = cluster as Readonly<Record<string, Json>>;
  return { ...rest, type: 'STATIC', load_assignment: assignment };
}

const nameOf = (resource: Json): string => {
  const { name, cluster_name } = resource as { readonly name?: string; readonly cluster_name?: string };
  return name ?? cluster_name ?? '';
};
