import { existsSync } from 'node:fs';
import { type Build, type BuildOptions, build } from '../build.ts';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Side } from '../revision/diff.ts';
import type { Settings } from '../settings.ts';
import { readFolder } from '../source/folder.ts';
import { createStore } from '../store/store.ts';
import type { StoreView } from '../store/view.ts';
import { certificateDiagnostics } from '../translate/tls.ts';
import { CommandError } from './command-error.ts';
import type { ClusterRead } from './read-cluster.ts';

/** What folders of objects give. */
export interface FolderBuild {
  readonly view: StoreView;
  /** How many objects were read. */
  readonly objects: number;
  readonly built: Build;
  /** Of reading, translating and the certificates. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and builds folders in this process.
 * @param cluster what was read of a cluster, to be built with them; an object that both have is taken from the folders.
 * @throws {CommandError} where a path does not exist.
 */
export function buildFolders(paths: readonly string[], settings: Settings, clock: Clock, options?: BuildOptions, cluster?: ClusterRead): FolderBuild {
  for (const path of paths) {
    if (!existsSync(path)) throw new CommandError(`${path} does not exist`, { remedy: 'Name a folder or a file of YAML objects.' });
  }
  const read = readFolder(paths);
  const store = createStore(['folders', 'cluster']);
  store.sink('folders').list(read.objects);
  store.sink('cluster').list(cluster?.objects ?? []);
  const { view } = store;
  const built = build(view, settings, options);
  const certificates = [...built.groups.values()].flatMap((group) => certificateDiagnostics(group, clock.now()));
  const objects = read.objects.length + (cluster?.objects.length ?? 0);
  const diagnostics = [...read.diagnostics, ...(cluster?.diagnostics ?? []), ...store.diagnostics(), ...built.diagnostics, ...certificates];
  return { view, objects, built, diagnostics };
}

/** Each group of a build, for a comparison. */
export function sidesOfBuild({ groups, snapshots }: Build): ReadonlyMap<string, Side> {
  return new Map([...snapshots].map(([name, snapshot]) => [name, { snapshot, representation: groups.get(name) }]));
}
