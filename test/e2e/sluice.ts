import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** How a run of the command line ended. */
export interface CommandRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that may still go on. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandRun>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
}

const root = join(import.meta.dirname, '..', '..');

/** Starts `sluice` as a person would, without the variables of whoever runs the tests. @param env more variables. @param cwd where: `up` keeps its state there. */
export function startSluice(words: readonly string[], env: Readonly<Record<string, string>> = {}, cwd: string = root): RunningCommand {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => name === 'SLUICE_ENVOY' || !name.startsWith('SLUICE_')));
  const child = spawn(process.execPath, [join(root, 'bin', 'sluice.js'), ...words], { cwd, env: { ...inherited, ...env } });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = new Promise<CommandRun>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...written }));
  });
  return { child, ended, stdout: () => written.stdout, stderr: () => written.stderr };
}

/** Runs `sluice` to its end. */
export function sluice(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandRun> {
  return startSluice(words, env).ended;
}
