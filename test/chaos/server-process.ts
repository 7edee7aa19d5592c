import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import { type RunningCommand, startSluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';

/** Memory of the server in bytes. */
export interface Memory {
  /** Objects and buffers in use. */
  readonly used: number;
  /** What the machine gave to the process, be it in use or not. */
  readonly resident: number;
}

/** `sluice serve` as a process of its own, that can be killed and started again on the same ports. */
export interface ServerProcess extends AsyncDisposable {
  /** Done when it serves what the objects say. */
  start(): Promise<void>;
  /** With SIGKILL: it can do nothing any more. Throws where it had ended by itself. */
  kill(): Promise<void>;
  /** Sets its clock an hour forward, or back again; nothing while it starts, as the signal would end it then. */
  jump(): void;
  status(): Promise<StatusAnswer>;
  /** Collects garbage first. */
  memory(): Promise<Memory>;
  /** Codes of the diagnostics that stand. */
  diagnosticCodes(): Promise<readonly string[]>;
  /** What it wrote since it was started last. */
  log(): string;
}

/** What is loaded into a server whose clock is to jump. */
export const insideServer = pathToFileURL(join(import.meta.dirname, 'inside-server.ts')).href;
const startWithinMs = 120_000;

/** @param words the options of `serve` but for the address of the admin API. */
export function createServerProcess(words: readonly string[], adminPort: number): ServerProcess {
  let running: RunningCommand | undefined;
  let isReady = false;
  const admin = `127.0.0.1:${adminPort}`;

  async function kill(): Promise<void> {
    if (!running) return;
    const { child, ended } = running;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended by itself:\n${running.stdout()}\n${running.stderr()}`);
    isReady = false;
    child.kill('SIGKILL');
    await ended;
    running = undefined;
  }

  return {
    async start() {
      running = startSluice(['serve', '--admin-address', admin, '--log-level', 'warn', ...words], {
        NODE_OPTIONS: `--expose-gc --import ${insideServer}`,
      });
      await waitFor('the server has read its objects', async () => (await fetch(`http://${admin}/readyz`)).ok, startWithinMs);
      isReady = true;
    },
    kill,
    jump: () => void (isReady && running?.child.kill('SIGUSR2')),
    status: async () => (await (await fetch(`http://${admin}/api/v1/status`)).json()) as StatusAnswer,
    async memory() {
      const collected = (): number => running?.stderr().split('collected\n').length ?? 0;
      const before = collected();
      running?.child.kill('SIGPWR');
      await waitFor('garbage is collected', () => collected() > before);
      const text = await (await fetch(`http://${admin}/metrics`)).text();
      const metric = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
      return { used: metric('nodejs_heap_size_used_bytes') + metric('nodejs_external_memory_bytes'), resident: metric('process_resident_memory_bytes') };
    },
    async diagnosticCodes() {
      const { diagnostics } = (await (await fetch(`http://${admin}/api/v1/diagnostics`)).json()) as { diagnostics: readonly { code: string }[] };
      return diagnostics.map(({ code }) => code);
    },
    log: () => `${running?.stdout() ?? ''}${running?.stderr() ?? ''}`,
    [Symbol.asyncDispose]: kill,
  };
}
