import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a given size in memory. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Whether files can be written; existing ones stay as they are. */
  setWritable(isWritable: boolean): void;
}

/**
 * Mounts a small file system, for a disk that is full or read-only: what a process without rights would see as well.
 * @throws {Error} where this machine lets nobody mount: such a test fails rather than passing without having run.
 */
export function smallDisk(kib: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
  const options = `size=${kib}k,uid=${process.getuid?.() ?? 0},mode=0700`;
  asRoot('mount', '-t', 'tmpfs', '-o', options, 'sluice-test', path);
  return {
    path,
    setWritable: (isWritable) => asRoot('mount', '-o', `remount,${isWritable ? 'rw' : 'ro'}`, path),
    [Symbol.dispose]() {
      asRoot('umount', '--lazy', path);
      rmdirSync(path);
    },
  };
}

function asRoot(command: string, ...args: readonly string[]): void {
  const isRoot = process.getuid?.() === 0;
  try {
    execFileSync(isRoot ? command : 'sudo', isRoot ? args : ['-n', command, ...args], { stdio: 'pipe' });
  } catch (error) {
    throw new Error(`this test needs a file system of its own: run it on Linux as root, or where \`sudo -n ${command}\` works`, { cause: error });
  }
}
