import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BootstrapOptions, bootstrap } from './bootstrap.ts';
import type { Children } from './children.ts';
import { LaunchError } from './launch-error.ts';

export interface EnvoyProcessOptions {
  /** Path of the binary, see `findEnvoy`. */
  readonly binary: string;
  readonly bootstrap: BootstrapOptions;
  /** Keeps the bootstrap, the log (access log included) and the admin address; made if missing. */
  readonly folder: string;
  readonly children: Children;
  /** Worker threads. */
  readonly concurrency: number;
  /** How long a removed or changed listener lets its connections live; Envoy's own default is 600. */
  readonly drainSeconds: number;
}

/** An Envoy that runs and has its admin page up; it may not have heard of Sluice yet. */
export interface EnvoyProcess {
  readonly pid: number;
  /** `HOST:PORT` of the admin page. */
  readonly adminAddress: string;
  readonly logFile: string;
  /** Says how it ended, whoever ended it; never rejects. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /**
   * Resolves when it has its listeners and serves.
   * @throws {LaunchError} where it ends before, or is not ready in time.
   */
  ready(withinMs: number): Promise<void>;
  /** Ends it at once, open connections included. */
  stop(): Promise<void>;
}

const startWithinMs = 20_000;
const lookEveryMs = 50;

/**
 * Starts an Envoy with a bootstrap of ours.
 * @throws {LaunchError} with Envoy's own words where it does not start.
 */
export async function startEnvoy(options: EnvoyProcessOptions): Promise<EnvoyProcess> {
  const { binary, folder, children } = options;
  await mkdir(folder, { recursive: true });
  const configFile = join(folder, 'bootstrap.json');
  const addressFile = join(folder, 'admin-address');
  const logFile = join(folder, 'envoy.log');
  await writeFile(configFile, `${JSON.stringify(bootstrap(options.bootstrap), null, 2)}\n`);
  await rm(addressFile, { force: true });
  const args = ['-c', configFile, '--admin-address-path', addressFile];
  // Hot restart shares memory between Envoys of the same number: several on one machine would have to be told apart.
  args.push('--disable-hot-restart', '--concurrency', String(options.concurrency));
  args.push('--drain-time-s', String(options.drainSeconds), '--log-level', 'info');
  const child = children.start({ command: binary, args, logFile });
  const { group } = options.bootstrap;

  const adminAddress = await addressIn(addressFile, child);
  if (adminAddress === undefined) {
    await child.stop();
    throw new LaunchError(`the Envoy of group ${group} does not start: ${lastError(await readFile(logFile, 'utf8'))}`, `Its log is ${logFile}.`);
  }

  async function ready(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await answersReady(adminAddress ?? ''))) {
      if (!child.isRunning()) throw new LaunchError(`the Envoy of group ${group} ended: ${await child.ended}`, `Its log is ${logFile}.`);
      if (performance.now() > deadline) {
        throw new LaunchError(`the Envoy of group ${group} is not ready after ${withinMs / 1000} s`, `See \`sluice status\`, and its log ${logFile}.`);
      }
      await sleep(lookEveryMs);
    }
  }

  return { pid: child.pid, adminAddress, logFile, ended: child.ended, isRunning: child.isRunning, ready, stop: child.stop };
}

/** Envoy writes the file as soon as its admin page listens. Undefined: it ended, or it takes too long. */
async function addressIn(file: string, child: { isRunning(): boolean }): Promise<string | undefined> {
  const deadline = performance.now() + startWithinMs;
  while (child.isRunning() && performance.now() < deadline) {
    const address = await readFile(file, 'utf8').catch(() => '');
    if (address !== '') return address.trim();
    await sleep(lookEveryMs);
  }
  return undefined;
}

async function answersReady(adminAddress: string): Promise<boolean> {
  try {
    return (await fetch(`http://${adminAddress}/ready`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    // Not listening yet, or no more: the caller looks whether it still runs.
    return false;
  }
}

function lastError(log: string): string {
  const lines = log.trim().split('\n');
  return lines.findLast((line) => /\[(critical|error)\]/.test(line)) ?? lines.at(-1) ?? 'it wrote nothing';
}
