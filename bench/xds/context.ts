import type { Children } from '../../src/launch/children.ts';
import type { Binaries } from './go.ts';
import { startLoad } from './load.ts';
import type { RunningServer } from './server.ts';

/** What the parts of a run share. */
export interface RunContext {
  /** Folder that goes with the run. */
  readonly root: string;
  /** The program. */
  readonly sluice: string;
  readonly binaries: Binaries;
  readonly children: Children;
  readonly progress: (line: string) => void;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
}

/** Writes what a server serves, so that the controls serve the same: one node in delta asks for all of it. */
export async function captureOf(server: RunningServer, services: number, { binaries, signal }: RunContext, file: string): Promise<void> {
  await using one = startLoad({ binary: binaries.load, signal, server, protocol: 'delta', nodes: 1, services });
  const { missed } = await one.cold();
  if (missed > 0) throw new Error(`${server.name} does not serve a first node`);
  await one.capture(file);
}
