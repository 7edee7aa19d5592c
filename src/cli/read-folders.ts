import { existsSync } from 'node:fs';
import type { Diagnostic } from '../diagnostic.ts';
import { readFolder } from '../source/folder.ts';
import type { Stored } from '../store/stored.ts';
import { CommandError } from './command-error.ts';

/** What was read of folders, or of a cluster. */
export interface ObjectsRead {
  readonly objects: readonly Stored[];
  /** Of reading. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads folders or files once.
 * @throws {CommandError} where a path does not exist.
 */
export function readFolders(paths: readonly string[]): ObjectsRead {
  for (const path of paths) {
    if (!existsSync(path)) throw new CommandError(`${path} does not exist`, { remedy: 'Name a folder or a file of YAML objects.' });
  }
  return readFolder(paths);
}
