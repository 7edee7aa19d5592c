import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Children } from './children.ts';
import { LaunchError } from './launch-error.ts';
import { parseProcfile, procfileName } from './procfile.ts';

export interface ProcessesOptions {
  /** Where the Procfile may be; the commands run in it. */
  readonly folder: string;
  /** Takes one log a process; made if missing. */
  readonly logs: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly children: Children;
  /** Told which processes were started, and of each that ends with another status than 0; the others go on. */
  readonly print: (line: string) => void;
}

/**
 * Starts the processes of a folder's Procfile. None where the folder has none.
 * @throws {LaunchError} where the Procfile is wrong.
 */
export async function startProcesses({ folder, logs, env, children, print }: ProcessesOptions): Promise<void> {
  const file = join(folder, procfileName);
  const text = await readFile(file, 'utf8').catch(() => '');
  const { entries, mistakes } = parseProcfile(text);
  if (mistakes.length > 0) {
    const lines = mistakes.map(({ line, message }) => `${file}:${line} ${message}`);
    throw new LaunchError(lines.join('\n'), 'Write one process a line, as `web: node web.ts --port 3000`.');
  }
  if (entries.length === 0) return;
  await mkdir(logs, { recursive: true });
  for (const { name, command } of entries) {
    const logFile = join(logs, `${name}.log`);
    const child = children.start({ command: '/bin/sh', args: ['-c', command], cwd: folder, env, logFile });
    void child.ended.then((how) => {
      if (how !== 'exit status 0') print(`${name} ended with ${how}, its log is ${logFile}`);
    });
  }
  print(`started ${entries.map(({ name }) => name).join(', ')}`);
}
