import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigAnswer } from '../../src/admin/api/config.ts';
import type { Children } from '../../src/launch/children.ts';
import type { Binaries } from './go.ts';
import { clusterName, type Objects } from './objects.ts';

/** How an endpoint is changed: by a file, or by a POST to a URL with placeholders. */
export type Changes = Pick<Objects, 'endpointsFile' | 'endpointsTemplate'> | { readonly url: string };

/** A server under measurement, or a control. */
export interface RunningServer {
  readonly name: string;
  readonly pid: number;
  /** `HOST:PORT`. */
  readonly xds: string;
  readonly changes: Changes;
  stop(): Promise<void>;
}

/** Sluice, as `sluice serve` runs it. */
export interface RunningSluice extends RunningServer {
  /** `HOST:PORT` of the admin API. */
  readonly admin: string;
}

const readyWithinMs = 120_000;

/**
 * Starts `sluice serve` as a user does, with all that it checks, and with a state folder; resolves when it answers Envoys.
 * @param program as it is shipped.
 * @param more options of the command line.
 */
export async function startSluice(program: string, objects: Objects, folder: string, children: Children, more: readonly string[] = []): Promise<RunningSluice> {
  const addresses = ['--xds-address', '127.0.0.1:0', '--admin-address', '127.0.0.1:0', '--state-dir', join(folder, 'state')];
  const args = [program, 'serve', '-c', objects.folder, ...addresses, ...more];
  const logFile = join(folder, 'sluice.log');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_')));
  const child = children.start({ command: process.execPath, args, logFile, env });
  const serving = await lineOf<{ readonly xds: string; readonly admin: string }>(logFile, child, (line) => line['msg'] === 'serving');
  // While it reads thousands of objects it may close an idle connection that we are about to use: that is not ready, no more.
  await until('Sluice is ready', child, async () => (await fetch(`http://${serving.admin}/readyz`).catch(() => undefined))?.ok === true);
  return { name: 'Sluice', pid: child.pid, xds: serving.xds, admin: serving.admin, changes: objects, stop: child.stop };
}

/** What a Sluice says of its settings, so that nobody measures one whose safety is switched off. */
export async function configOf({ admin }: RunningSluice): Promise<ConfigAnswer> {
  const response = await fetch(`http://${admin}/api/v1/config`);
  if (!response.ok) throw new Error(`/api/v1/config: ${response.status} ${await response.text()}`);
  return (await response.json()) as ConfigAnswer;
}

/** What Sluice is compared with. */
export type Control = 'peer' | 'goSender' | 'nodeSender';

const controlNames: Readonly<Record<Control, string>> = {
  peer: 'go-control-plane',
  goSender: 'bare sender, grpc-go',
  nodeSender: 'bare sender, grpc-js',
};

/** Starts a control that serves what was captured of Sluice. */
export async function startControl(control: Control, { peer, sender }: Binaries, capture: string, folder: string, children: Children): Promise<RunningServer> {
  const logFile = join(folder, `${control}.log`);
  const nodeSender = join(import.meta.dirname, 'bare-sender.ts');
  const [command, ...args] = { peer: [peer], goSender: [sender], nodeSender: [process.execPath, nodeSender] }[control];
  const child = children.start({ command: command ?? '', args: [...args, '-capture', capture], logFile });
  const { xds, changes } = await lineOf<{ readonly xds: string; readonly changes: string }>(logFile, child, (line) => 'changes' in line);
  const url = `http://${changes}/change?cluster=${clusterName}&address={address}&port={port}`;
  return { name: controlNames[control], pid: child.pid, xds, changes: { url }, stop: child.stop };
}

/** Tells the Go programs how a server is changed. */
export function changeArguments(changes: Changes): readonly string[] {
  return 'url' in changes ? ['-change-url', changes.url] : ['-change-file', changes.endpointsFile, '-change-template', changes.endpointsTemplate];
}

type Started = ReturnType<Children['start']>;

async function lineOf<Line>(logFile: string, child: Started, isIt: (line: Readonly<Record<string, unknown>>) => boolean): Promise<Line> {
  let found: Line | undefined;
  await until(`a line of ${logFile}`, child, async () => {
    for (const line of (await readFile(logFile, 'utf8')).split('\n')) {
      if (!line.startsWith('{') || !line.endsWith('}')) continue;
      const read = JSON.parse(line) as Readonly<Record<string, unknown>>;
      if (isIt(read)) found = read as Line;
    }
    return found !== undefined;
  });
  return found as Line;
}

async function until(what: string, child: Started, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (!(await isTrue())) {
    if (!child.isRunning()) throw new Error(`waiting for: ${what}; the process ended with ${await child.ended}`);
    if (performance.now() > deadline) throw new Error(`not within ${readyWithinMs / 1000} s: ${what}`);
    await sleep(50);
  }
}
