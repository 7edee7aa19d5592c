import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { http } from './client.ts';
import { waitFor } from './wait.ts';

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

/**
 * Waits until a server that was started answers requests: it has read its sources.
 * @throws {Error} with all that it wrote, when it ends instead, or after a minute.
 */
export async function untilReady({ ended, stdout, stderr }: RunningCommand, adminPort: number): Promise<void> {
  const ready = waitFor('ready', async () => (await http(adminPort, '/readyz')).status === 200, 60_000);
  const died = ended.then(({ status }) => {
    throw new Error(`it ended with ${status}`);
  });
  await Promise.race([ready, died]).catch((cause: unknown) => {
    throw new Error(`the server is not ready:\n${stdout()}\n${stderr()}`, { cause });
  });
}

/** Runs `sluice` to its end. */
export function sluice(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandRun> {
  return startSluice(words, env).ended;
}
