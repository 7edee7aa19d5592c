import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodedSnapshotAnswer } from '../../src/admin/api/encoded.ts';
import type { SnapshotAnswer } from '../../src/admin/api/snapshot.ts';
import type { Children } from '../../src/launch/children.ts';
import { wireField } from '../../src/proto/wire-fields.ts';
import { typeUrls } from '../../src/resource.ts';
import { answer, fixed, fromFile, nameOf } from '../envoy-files.ts';
import { startPlainEnvoy } from '../plain-envoy.ts';
import type { SluiceProcess } from '../sluice.ts';

/** What Sluice serves at a moment: the encoded route configurations, as Envoy reads them from a file. */
export interface Tables {
  readonly file: Uint8Array;
  /** Of the largest one. */
  readonly bytes: number;
}

/** Asks Sluice for the tables that it serves now. */
export async function tablesOf({ admin }: SluiceProcess): Promise<Tables> {
  const { resources, revision } = await asked<EncodedSnapshotAnswer>(admin, 'snapshot/encoded');
  const tables = resources.flatMap(({ type, bytes }) => (type === 'routes' && bytes !== undefined ? [Buffer.from(bytes, 'base64')] : []));
  const inFile = tables.map((bytes) => wireField(2, Buffer.concat([wireField(1, Buffer.from(typeUrls.routes)), wireField(2, bytes)])));
  return { file: Buffer.concat([wireField(1, Buffer.from(revision)), ...inFile]), bytes: Math.max(...tables.map(({ length }) => length)) };
}

/** An Envoy without a server, that reads its tables from a file. `await using` ends it. */
export interface LoneEnvoy extends AsyncDisposable {
  /** Gives it other tables: no more than a rename. */
  give(tables: Tables): Promise<void>;
}

/** @param sluice serves what it is to have besides tables. @param folder takes its files. */
export async function startLoneEnvoy(binary: string, sluice: SluiceProcess, first: Tables, folder: string, children: Children): Promise<LoneEnvoy> {
  const snapshot = await asked<SnapshotAnswer>(sluice.admin, 'snapshot');
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const assignments = new Map(snapshot.endpoints.map((assignment) => [nameOf(assignment), assignment]));
  const clusters = snapshot.clusters.map((cluster) => fixed(cluster, assignments.get(nameOf(cluster)) ?? {}));
  const listeners = snapshot.listeners.map((listener) => fromFile(listener, file('routes.pb')));
  await writeFile(file('routes.pb'), first.file);
  await writeFile(file('clusters.json'), answer('clusters', clusters));
  await writeFile(file('listeners.json'), answer('listeners', listeners));
  const source = (name: string) => ({ path_config_source: { path: file(name) }, resource_api_version: 'V3' });
  const bootstrap = {
    node: { id: 'alone', cluster: 'alone' },
    dynamic_resources: { cds_config: source('clusters.json'), lds_config: source('listeners.json') },
  };
  const { stop } = await startPlainEnvoy({ binary, bootstrap, folder: file('envoy'), children, concurrency: 1, args: ['--drain-time-s', '1'] });
  return {
    async give(tables) {
      await writeFile(file('next'), tables.file);
      await rename(file('next'), file('routes.pb'));
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function asked<Answer>(admin: string, what: string): Promise<Answer> {
  const response = await fetch(`http://${admin}/api/v1/${what}`);
  if (!response.ok) throw new Error(`/api/v1/${what}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
