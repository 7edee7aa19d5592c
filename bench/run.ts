import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Children, createChildren } from '../src/launch/children.ts';
import { endWithParent, runInNamespace } from './namespace.ts';

/** What the parts of a run share. */
export interface Run {
  /** Folder that goes with the run. */
  readonly root: string;
  readonly children: Children;
  readonly progress: (line: string) => void;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
}

/** Tells the folder of the run to this program inside of its namespace. */
const folderVariable = 'SLUICE_BENCH_FOLDER';

/**
 * Runs a bench in a network namespace of its own, where the machine allows one, and ends this process with it. Nothing is left
 * behind, also where the run fails or is interrupted.
 * @param prepare what needs the network of the machine. Called again inside: what it made must lie in the folder of the run.
 * @param measure where it throws, the exit status is 1.
 */
export async function runBench<Prepared>(prepare: (run: Run) => Promise<Prepared>, measure: (run: Run, prepared: Prepared) => Promise<void>): Promise<never> {
  const root = process.env[folderVariable] ?? (await mkdtemp(join(tmpdir(), 'sluice-bench-')));
  const children = createChildren();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
  endWithParent(interrupted);
  const run: Run = { root, children, progress: (line) => console.error(line), signal: interrupted.signal };
  try {
    const prepared = await prepare(run);
    const inside = await runInNamespace(process.argv.slice(1), { [folderVariable]: root });
    if (inside !== undefined) process.exitCode = inside;
    else await Promise.race([measure(run, prepared), aborted(interrupted.signal)]);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await children.stop();
    await rm(root, { recursive: true, force: true });
  }
  // Whatever was under way when the run was interrupted must not hold the process.
  process.exit();
}

/** The options that the words of the command line give; where they are wrong or only the usage is asked for, the process ends. */
export function optionsOr<Options>(usage: string, read: (words: readonly string[]) => Options | undefined): Options {
  try {
    const options = read(process.argv.slice(2));
    if (options) return options;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
