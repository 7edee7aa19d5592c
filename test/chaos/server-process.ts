import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import { type RunningCommand, startSluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';

/** `sluice serve` as a process of its own, that can be killed and started again on the same ports. */
export interface ServerProcess extends AsyncDisposable {
  start(): Promise<void>;
  /** With SIGKILL: it can do nothing any more. Throws where it had ended by itself. */
  kill(): Promise<void>;
  /** Sets its clock an hour forward, or back again. */
  jump(): void;
  status(): Promise<StatusAnswer>;
  memoryBytes(): Promise<number>;
  /** What it wrote since it was started last. */
  log(): string;
}

const clock = pathToFileURL(join(import.meta.dirname, 'jumping-clock.ts')).href;
const startWithinMs = 30_000;

/** @param words the options of `serve` but for the address of the admin API. */
export function createServerProcess(words: readonly string[], adminPort: number): ServerProcess {
  let running: RunningCommand | undefined;
  const admin = `127.0.0.1:${adminPort}`;

  async function kill(): Promise<void> {
    if (!running) return;
    const { child, ended } = running;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended by itself:\n${running.stdout()}\n${running.stderr()}`);
    child.kill('SIGKILL');
    await ended;
    running = undefined;
  }

  return {
    async start() {
      running = startSluice(['serve', '--admin-address', admin, '--log-level', 'warn', ...words], { NODE_OPTIONS: `--import ${clock}` });
      await waitFor('the server listens', async () => (await fetch(`http://${admin}/healthz`)).ok, startWithinMs);
    },
    kill,
    jump: () => void running?.child.kill('SIGUSR2'),
    status: async () => (await (await fetch(`http://${admin}/api/v1/status`)).json()) as StatusAnswer,
    async memoryBytes() {
      const text = await readFile(`/proc/${running?.child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
    },
    log: () => `${running?.stdout() ?? ''}${running?.stderr() ?? ''}`,
    [Symbol.asyncDispose]: kill,
  };
}
