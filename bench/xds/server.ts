import { join } from 'node:path';
import type { Children } from '../../src/launch/children.ts';
import { type SluiceProcess, startSluiceProcess } from '../sluice.ts';
import { lineOf } from '../started.ts';
import type { XdsBinaries } from './context.ts';
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

/** Sluice under measurement. */
export interface RunningSluice extends RunningServer, SluiceProcess {}

/** Starts Sluice on the objects of the bench. @param more options of the command line. */
export async function startSluice(program: string, objects: Objects, folder: string, children: Children, more: readonly string[] = []): Promise<RunningSluice> {
  return { name: 'Sluice', changes: objects, ...(await startSluiceProcess(program, ['-c', objects.folder], folder, children, more)) };
}

/** What Sluice is compared with. */
export type Control = 'peer' | 'goSender' | 'nodeSender';

const controlNames: Readonly<Record<Control, string>> = {
  peer: 'go-control-plane',
  goSender: 'bare sender, grpc-go',
  nodeSender: 'bare sender, grpc-js',
};

/** Starts a control that serves what was captured of Sluice. */
export async function startControl(
  control: Control,
  { peer, sender }: XdsBinaries,
  capture: string,
  folder: string,
  children: Children,
): Promise<RunningServer> {
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
