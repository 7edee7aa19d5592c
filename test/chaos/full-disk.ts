import { appendFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SmallDisk } from '../small-disk.ts';

export const diskKib = 8 * 1024;
/** What a file takes at the least. */
const block = Buffer.alloc(4096);
const againMs = 100;

/** Leaves no room on a disk until it is disposed of, also where others remove files meanwhile. */
export function fillDisk({ path }: SmallDisk): AsyncDisposable {
  const ballast = join(path, 'ballast');
  const fill = (): void => {
    try {
      for (;;) appendFileSync(ballast, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  };
  fill();
  const filling = setInterval(fill, againMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(filling);
      await rm(ballast);
    },
  };
}
