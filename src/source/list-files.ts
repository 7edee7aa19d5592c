import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isNothingThere, reasonOf } from './file-error.ts';
import { isObjectFile, isVisible } from './file-names.ts';

/** What stands below a path. */
export type Found =
  | { readonly type: 'file'; readonly path: string; readonly stats: Stats }
  /** A folder to watch: one below the path, or the one that the path's file stands in. */
  | { readonly type: 'folder'; readonly path: string; readonly stats: Stats }
  /** A folder that cannot be entered. */
  | { readonly type: 'unreadable'; readonly path: string; readonly reason: string };

/** What a path leads to, through links; undefined: nothing. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isNothingThere(error)) return undefined;
    throw error;
  }
}

/**
 * Finds, by name, every object file below a folder, or the one file that the path is. Nothing is found where nothing is. A
 * folder that several links lead to is entered once, so that a link upwards comes to an end. Pipes and sockets are left alone.
 */
export function* filesBelow(path: string, entered: Set<string> = new Set()): Generator<Found> {
  const stats = tryStat(path);
  if (stats === undefined) return;
  if (!('isFile' in stats)) yield stats;
  else if (stats.isDirectory()) yield* folderBelow(path, stats, entered);
  else if (stats.isFile()) {
    const parent = tryStat(dirname(path));
    if (parent && 'isFile' in parent) yield { type: 'folder', path: dirname(path), stats: parent };
    yield { type: 'file', path, stats };
  }
}

function* folderBelow(path: string, stats: Stats, entered: Set<string>): Generator<Found> {
  let names: readonly string[];
  try {
    const real = realpathSync(path);
    if (entered.has(real)) return;
    entered.add(real);
    names = readdirSync(path).filter(isVisible).sort();
  } catch (error) {
    if (!isNothingThere(error)) yield { type: 'unreadable', path, reason: reasonOf(error) };
    return;
  }
  yield { type: 'folder', path, stats };
  for (const name of names) {
    const child = join(path, name);
    const found = tryStat(child);
    if (found === undefined) continue;
    if (!('isFile' in found)) yield found;
    else if (found.isDirectory()) yield* folderBelow(child, found, entered);
    else if (found.isFile() && isObjectFile(name)) yield { type: 'file', path: child, stats: found };
  }
}

function tryStat(path: string): Stats | Extract<Found, { type: 'unreadable' }> | undefined {
  try {
    return statOf(path);
  } catch (error) {
    return { type: 'unreadable', path, reason: reasonOf(error) };
  }
}
