import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isNothingThere, whyUnreadable } from './file-error.ts';
import { isObjectFile, isVisible } from './file-names.ts';

/** What stands at a path, through links. `stats` undefined: nothing, or for a `reason` it cannot be told. */
export interface Standing {
  readonly stats?: Stats;
  readonly reason?: string;
}

export function standingAt(path: string): Standing {
  try {
    return { stats: statSync(path) };
  } catch (error) {
    return isNothingThere(error) ? {} : { reason: whyUnreadable(error) };
  }
}

/** What the paths of a folder's entries begin with: as `join` has it, which is slow where there are thousands. */
function prefixOf(folder: string): string {
  return join(folder, 'x').slice(0, -1);
}

/** Paths of what stands in a folder and may be an object file or a folder, as far as its names tell. Undefined where it cannot be read. */
export function entriesOf(folder: string): ReadonlySet<string> | undefined {
  const prefix = prefixOf(folder);
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return new Set(entries.filter((entry) => (entry.isFile() ? isObjectFile(entry.name) : isVisible(entry.name))).map(({ name }) => `${prefix}${name}`));
  } catch {
    // It went, or may not be read any more: whoever looks at it next says so.
    return undefined;
  }
}

/** What stands below a path. */
export type Found =
  | { readonly type: 'file'; readonly path: string; readonly stats: Stats }
  /** A folder to watch: one below the path, or the one that the path's file stands in. */
  | { readonly type: 'folder'; readonly path: string; readonly stats: Stats }
  /** Something that cannot be looked at, most often a folder without permission. */
  | { readonly type: 'unreadable'; readonly path: string; readonly reason: string };

/**
 * Finds, by name, every object file below a folder, or the one file that the path is. Nothing is found where nothing is. A
 * folder that several links lead to is entered once, so that a link upwards comes to an end. Pipes and sockets are left alone.
 * @param entered real paths of folders that were entered before; is added to.
 */
export function* filesBelow(path: string, entered: Set<string> = new Set()): Generator<Found> {
  const { stats, reason } = standingAt(path);
  if (reason !== undefined) yield { type: 'unreadable', path, reason };
  if (stats?.isDirectory()) yield* folderBelow(path, stats, entered);
  if (!stats?.isFile()) return;
  const parent = standingAt(dirname(path)).stats;
  if (parent) yield { type: 'folder', path: dirname(path), stats: parent };
  yield { type: 'file', path, stats };
}

function* folderBelow(path: string, stats: Stats, entered: Set<string>): Generator<Found> {
  let names: readonly string[];
  try {
    const real = realpathSync(path);
    if (entered.has(real)) return;
    entered.add(real);
    names = readdirSync(path).filter(isVisible).sort();
  } catch (error) {
    if (!isNothingThere(error)) yield { type: 'unreadable', path, reason: whyUnreadable(error) };
    return;
  }
  yield { type: 'folder', path, stats };
  const prefix = prefixOf(path);
  for (const name of names) {
    const child = `${prefix}${name}`;
    const found = standingAt(child);
    if (found.reason !== undefined) yield { type: 'unreadable', path: child, reason: found.reason };
    else if (found.stats?.isDirectory()) yield* folderBelow(child, found.stats, entered);
    else if (found.stats?.isFile() && isObjectFile(name)) yield { type: 'file', path: child, stats: found.stats };
  }
}
