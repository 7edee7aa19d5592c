import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const dumps = 'instructions';

/**
 * Words before a command that lets its instructions be counted. It runs a hundred times slower.
 * @param folder takes the counts; used for one process.
 * @see https://valgrind.org/docs/manual/cl-manual.html
 */
export function countedBy(folder: string): readonly string[] {
  return [
    'valgrind',
    '--tool=callgrind',
    '--instr-atstart=no',
    '--separate-threads=yes',
    // Threads would starve each other otherwise.
    '--fair-sched=yes',
    `--callgrind-out-file=${join(folder, dumps)}`,
    `--log-file=${join(folder, 'valgrind.log')}`,
  ];
}

/**
 * Instructions outside of the kernel while something is done, of the thread that has most of them: the worker of an Envoy with one.
 * @param pid a process started so. Once for each.
 */
export async function instructionsDuring(pid: number, folder: string, work: () => Promise<void>): Promise<number> {
  const control = (words: string) => run('callgrind_control', [words, String(pid)]);
  await control('--instr=on');
  await work();
  await control('--instr=off');
  await control('--dump');
  const files = (await readdir(folder)).filter((name) => name.startsWith(`${dumps}.`));
  const totals = await Promise.all(files.map(async (name) => /^totals: (\d+)/m.exec(await readFile(join(folder, name), 'utf8'))?.[1]));
  return Math.max(...totals.map((total) => Number(total ?? 0)));
}
