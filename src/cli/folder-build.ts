import { type Build, type BuildOptions, build } from '../build.ts';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Side } from '../revision/diff.ts';
import type { Settings } from '../settings.ts';
import { createStore } from '../store/store.ts';
import type { StoreView } from '../store/view.ts';
import { certificateDiagnostics } from '../translate/tls.ts';
import type { ObjectsRead } from './read-folders.ts';

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
 * Builds in this process what was read.
 * @param cluster what was read of a cluster, to be built with folders; an object that both have is taken from the folders.
 */
export function buildFolders(folders: ObjectsRead, settings: Settings, clock: Clock, options?: BuildOptions, cluster?: ObjectsRead): FolderBuild {
  const store = createStore(['folders', 'cluster']);
  store.sink('folders').list(folders.objects);
  store.sink('cluster').list(cluster?.objects ?? []);
  const { view } = store;
  const built = build(view, settings, options);
  const certificates = [...built.groups.values()].flatMap((group) => certificateDiagnostics(group, clock.now()));
  const objects = folders.objects.length + (cluster?.objects.length ?? 0);
  const diagnostics = [...folders.diagnostics, ...(cluster?.diagnostics ?? []), ...store.diagnostics(), ...built.diagnostics, ...certificates];
  return { view, objects, built, diagnostics };
}

/** Each group of a build, for a comparison. */
export function sidesOfBuild({ groups, snapshots }: Build): ReadonlyMap<string, Side> {
  return new Map([...snapshots].map(([name, snapshot]) => [name, { snapshot, representation: groups.get(name) }]));
}
