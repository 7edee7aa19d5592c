import { existsSync } from 'node:fs';
import { type Build, type BuildOptions, build } from '../build.ts';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Side } from '../revision/diff.ts';
import type { Settings } from '../settings.ts';
import { readFolder } from '../source/folder.ts';
import { storeViewOf } from '../store/store.ts';
import type { StoreView } from '../store/view.ts';
import { certificateDiagnostics } from '../translate/tls.ts';
import { CommandError } from './command-error.ts';

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
 * @throws {CommandError} where a path does not exist.
 */
export function buildFolders(paths: readonly string[], settings: Settings, clock: Clock, options?: BuildOptions): FolderBuild {
  for (const path of paths) {
    if (!existsSync(path)) throw new CommandError(`${path} does not exist`, { remedy: 'Name a folder or a file of YAML objects.' });
  }
  const read = readFolder(paths);
  const { view, diagnostics } = storeViewOf(read.objects);
  const built = build(view, settings, options);
  const certificates = [...built.groups.values()].flatMap((group) => certificateDiagnostics(group, clock.now()));
  return { view, objects: read.objects.length, built, diagnostics: [...read.diagnostics, ...diagnostics, ...built.diagnostics, ...certificates] };
}

/** Each group of a build, for a comparison. */
export function sidesOfBuild({ groups, snapshots }: Build): ReadonlyMap<string, Side> {
  return new Map([...snapshots].map(([name, snapshot]) => [name, { snapshot, representation: groups.get(name) }]));
}
