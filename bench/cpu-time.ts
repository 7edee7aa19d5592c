import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of the kernel's clock in /proc, on every Linux of today. */
const ticksPerSecond = 100;

/** A process and its children. */
async function familyOf(pid: number): Promise<readonly number[]> {
  const family = [pid];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = await statOf(Number(entry));
    if (fields && Number(fields[1]) === pid) family.push(Number(entry));
  }
  return family;
}

/** Seconds that processors worked for a process and its children, in it and for it in the kernel. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  let ticks = 0;
  for (const one of await familyOf(pid)) {
    const fields = await statOf(one);
    ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
  }
  return ticks / ticksPerSecond;
}

/**
 * The same from the scheduler, which counts nanoseconds where the clock of `cpuSecondsOf` looks a hundred times a second who works. Threads that
 * ended are not in it: only for processes that keep theirs.
 */
export async function exactCpuSecondsOf(pid: number): Promise<number> {
  let nanoseconds = 0;
  for (const one of await familyOf(pid)) {
    for (const thread of await readdir(`/proc/${one}/task`)) {
      nanoseconds += Number((await readFile(`/proc/${one}/task/${thread}/schedstat`, 'utf8')).split(' ')[0]);
    }
  }
  return nanoseconds / 1e9;
}

/** Lets a process, all its threads and its children run on these processors only. */
export async function pin(pid: number, ...processors: readonly number[]): Promise<void> {
  for (const one of await familyOf(pid)) await run('taskset', ['--all-tasks', '--cpu-list', '--pid', processors.join(','), String(one)]);
}

/** The fields after the name of the program, see proc(5). Undefined: it ended. */
async function statOf(pid: number): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // Between the list of the folder and this.
    return undefined;
  }
}
