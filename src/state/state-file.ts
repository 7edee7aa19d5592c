import { hash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Version of everything in a state folder. A file of a higher one is left alone. */
const format = 1;

/** What a file of a state folder holds, as its first line says. */
export type StateFileKind = 'bundle' | 'sealed' | 'revision' | 'release' | 'endpoints' | 'ages';

/** What reading a file gave. */
export type StateFile =
  | { readonly content: Buffer }
  /** `broken`: it is of no use any more. `newer`: another Sluice can read it. `unreadable`: the file system does not give it. */
  | { readonly problem: 'missing' | 'broken' | 'newer' | 'unreadable'; readonly message: string };

/** Ends the name of a file that is being written. */
const unfinished = '.new';

/** Whether a file of this name was left behind by a write that did not end. */
export function isUnfinished(name: string): boolean {
  return name.endsWith(unfinished);
}

/**
 * Writes a file as a whole or not at all: beside it, then by rename. The first line holds format, kind and SHA-256 of what follows.
 * @param isDurable whether it has to be there after a power failure as well; else it may be gone or cut off, which is noticed.
 */
export async function writeStateFile(path: string, kind: StateFileKind, content: Buffer, isDurable: boolean): Promise<void> {
  const beside = `${path}${unfinished}`;
  try {
    const file = await open(beside, 'w', 0o600);
    try {
      await file.writev([Buffer.from(`sluice-state ${format} ${kind} ${hash('sha256', content, 'hex')}\n`), content]);
      if (isDurable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    // What is half written takes room that may be short; the error that is thrown says more than one of this would.
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  if (isDurable) await syncFolder(dirname(path));
}

/** A rename is lasting only when the folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Reads a file and checks its sum; never rejects. */
export async function readStateFile(path: string, kind: StateFileKind): Promise<StateFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: code === 'ENOENT' ? 'missing' : 'unreadable', message };
  }
  const end = bytes.indexOf('\n');
  const [name, version, ofKind, sum] = bytes.toString('latin1', 0, Math.min(Math.max(end, 0), 200)).split(' ');
  if (name === 'sluice-state' && Number(version) > format) return { problem: 'newer', message: `it has the format ${version} of a newer Sluice` };
  const content = bytes.subarray(end + 1);
  if (name !== 'sluice-state' || version !== String(format) || ofKind !== kind || sum !== hash('sha256', content, 'hex')) {
    return { problem: 'broken', message: 'it is cut off or was changed' };
  }
  return { content };
}
