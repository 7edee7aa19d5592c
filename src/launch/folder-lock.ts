import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../is-alive.ts';
import { LaunchError } from './launch-error.ts';

/**
 * Takes a folder for this process alone, by a file `up.pid` in it; makes the folder if it is missing. What a process left that
 * ended without giving it back is taken over.
 * @returns gives the folder back.
 * @throws {LaunchError} where another process has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'up.pid');
  await mkdir(folder, { recursive: true });
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  if (owner > 0 && isAlive(owner)) {
    throw new LaunchError(
      `another \`sluice up\` (pid ${owner}) keeps its certificates and logs in ${folder}`,
      `End it, or start this one in another working directory. If no such process runs any more, remove ${file}.`,
    );
  }
  await rm(file, { force: true });
  // Of two that start in the same moment one fails here.
  await writeFile(file, String(process.pid), { flag: 'wx' });
  return () => rm(file, { force: true });
}
