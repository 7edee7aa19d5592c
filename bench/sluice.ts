import { join } from 'node:path';
import type { ConfigAnswer } from '../src/admin/api/config.ts';
import type { Children } from '../src/launch/children.ts';
import { lineOf, until } from './started.ts';

/** Sluice, as `sluice serve` runs it. */
export interface SluiceProcess {
  readonly pid: number;
  /** `HOST:PORT` of the xDS server. */
  readonly xds: string;
  /** `HOST:PORT` of the admin API. */
  readonly admin: string;
  stop(): Promise<void>;
}

/** Free ones. */
const anyAddress: readonly string[] = ['--xds-address', '127.0.0.1:0', '--admin-address', '127.0.0.1:0'];

/**
 * Starts `sluice serve` as a user does, with all that it checks, and with a state folder; resolves when it answers Envoys.
 * @param program as it is shipped, see `shippedSluice`.
 * @param sources options that say what it reads.
 * @param folder takes its log and its state.
 * @param more options of the command line.
 */
export async function startSluiceProcess(
  program: string,
  sources: readonly string[],
  folder: string,
  children: Children,
  more: readonly string[] = [],
  addresses = anyAddress,
): Promise<SluiceProcess> {
  const args = [program, 'serve', ...sources, ...addresses, '--state-dir', join(folder, 'state'), ...more];
  const logFile = join(folder, 'sluice.log');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_')));
  const child = children.start({ command: process.execPath, args, logFile, env });
  const { xds, admin } = await lineOf<{ readonly xds: string; readonly admin: string }>(logFile, child, (line) => line['msg'] === 'serving');
  // While it reads thousands of objects it may close an idle connection that we are about to use: that is not ready, no more.
  await until('Sluice is ready', child, async () => (await fetch(`http://${admin}/readyz`).catch(() => undefined))?.ok === true);
  return { pid: child.pid, xds, admin, stop: child.stop };
}

/** What a Sluice says of its settings, so that nobody measures one whose safety is switched off. */
export async function configOf({ admin }: SluiceProcess): Promise<ConfigAnswer> {
  const response = await fetch(`http://${admin}/api/v1/config`);
  if (!response.ok) throw new Error(`/api/v1/config: ${response.status} ${await response.text()}`);
  return (await response.json()) as ConfigAnswer;
}
