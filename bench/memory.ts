import { readFile } from 'node:fs/promises';

/** Memory of a process, in MiB. */
export interface Memory {
  readonly residentMiB: number;
  /** The most that it held so far. */
  readonly peakMiB: number;
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { residentMiB: of('VmRSS'), peakMiB: of('VmHWM') };
}
