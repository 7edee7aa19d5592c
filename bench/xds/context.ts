import type { Binaries } from '../go.ts';
import type { Run } from '../run.ts';
import { startLoad } from './load.ts';
import type { RunningServer } from './server.ts';

/** The programs in `cmd`. */
export const programs = ['load', 'peer', 'sender', 'probe'] as const;

export type XdsBinaries = Binaries<(typeof programs)[number]>;

/** What the parts of this bench share. */
export interface RunContext extends Run {
  /** The program. */
  readonly sluice: string;
  readonly binaries: XdsBinaries;
}

/** Writes what a server serves, so that the controls serve the same: one node in delta asks for all of it. */
export async function captureOf(server: RunningServer, services: number, { binaries, signal }: RunContext, file: string): Promise<void> {
  await using one = startLoad({ binary: binaries.load, signal, server, protocol: 'delta', nodes: 1, services });
  const { missed } = await one.cold();
  if (missed > 0) throw new Error(`${server.name} does not serve a first node`);
  await one.capture(file);
}
