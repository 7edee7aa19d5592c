import { randomUUID } from 'node:crypto';
import { readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { isAlive } from '../is-alive.ts';

/** Keeps a second server from writing into a folder. */
export interface FolderClaim {
  /** Gives true where the folder was just taken, false where it is held already. @throws {Error} while another server has it, or where it cannot be written. */
  take(): Promise<boolean>;
  /** Whether writing is allowed. */
  isHeld(): boolean;
  giveBack(): Promise<void>;
}

/** What the file says of who has the folder. */
interface Owner {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** The name space of the pid, where the system has such: two containers may both have a process 1. */
  readonly space: string;
}

/** How often the owner shows that it is there. */
const beatMs = 2000;
/** Looks at which the file stands still before it counts as left behind. The history looks every five seconds. */
const looksUntilStale = 3;

/**
 * A file `lock` whose owner touches it every two seconds. What a process of this machine left behind is taken at once, what one of
 * elsewhere left when it stood still for three looks: no clock is compared with another.
 */
export function createFolderClaim(folder: string, clock: Clock): FolderClaim {
  const file = join(folder, 'lock');
  const id = randomUUID();
  let isHeld = false;
  let cancelBeat: (() => void) | undefined;
  let stillness = { stamp: '', looks: 0 };

  async function read(): Promise<{ readonly owner: Partial<Owner>; readonly stamp: string } | undefined> {
    try {
      const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
      return { owner: ownerIn(text), stamp: `${text} ${mtimeMs}` };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async function beat(): Promise<void> {
    try {
      const found = await read();
      if (found?.owner.id !== id) isHeld = false;
      else await utimes(file, new Date(), new Date());
    } catch {
      // A folder that cannot be read now: writing fails as well and says so.
    }
    if (isHeld) cancelBeat = clock.after(beatMs, () => void beat());
  }

  async function isLeftBehind(owner: Partial<Owner>, stamp: string, self: Owner): Promise<boolean> {
    stillness = { stamp, looks: stillness.stamp === stamp ? stillness.looks + 1 : 1 };
    if (stillness.looks >= looksUntilStale) return true;
    return owner.host === self.host && owner.space === self.space && owner.pid !== undefined && !isAlive(owner.pid);
  }

  return {
    async take() {
      if (isHeld) return false;
      const self: Owner = { id, pid: process.pid, host: hostname(), space: await pidSpace() };
      const found = await read();
      if (found) {
        if (!(await isLeftBehind(found.owner, found.stamp, self))) {
          throw new Error(`another server, process ${found.owner.pid ?? '?'} on ${found.owner.host ?? '?'}, has the folder`);
        }
        // By rename, so that of two that find it left behind one fails.
        await rename(file, `${file}.${id}`);
        await rm(`${file}.${id}`, { force: true });
      }
      await writeNew(file, JSON.stringify(self));
      isHeld = true;
      cancelBeat = clock.after(beatMs, () => void beat());
      return true;
    },
    isHeld: () => isHeld,
    async giveBack() {
      cancelBeat?.();
      if (!isHeld) return;
      isHeld = false;
      await rm(file, { force: true });
    },
  };
}

/** Writes a file that must not be there yet, and leaves none where the disk is full: an empty one would count as somebody else's. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(file, { force: true });
    throw error;
  }
}

function ownerIn(text: string): Partial<Owner> {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    // Cut off by a crash: nobody's, until it has stood still long enough.
    return {};
  }
}

async function pidSpace(): Promise<string> {
  // Only Linux has it.
  return readlink('/proc/self/ns/pid').catch(() => '');
}
