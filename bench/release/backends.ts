import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Children } from '../../src/launch/children.ts';
import { lineOf } from '../started.ts';
import type { ReleaseBinaries } from './context.ts';
import type { JvmBackend } from './jvm.ts';

export const backendKinds = ['node', 'go', 'jvm', 'grpc'] as const;

export type BackendKind = (typeof backendKinds)[number];

/** How a backend ends: it finishes what it has and takes no more; it resets its connections; it is killed and can do nothing. */
export type Ending = 'graceful' | 'reset' | 'kill';

/** A backend that runs. */
export interface Backend {
  /** What its answers say in `x-backend`. */
  readonly name: string;
  readonly kind: BackendKind;
  readonly pid: number;
  readonly port: number;
  /** File with the ids of what may not be done twice: `+ID` when one comes, `-ID` when its answer is written. */
  readonly seenFile: string;
  /** Ends it as it was started for. */
  end(): void;
  readonly ended: Promise<string>;
}

export interface Backends {
  /** Resolves when it listens. @param more options of its program. */
  start(kind: BackendKind, ending: Ending, more?: readonly string[]): Promise<Backend>;
  /** All that ever ran. */
  all(): readonly Backend[];
  stop(): Promise<void>;
}

interface BackendsOptions {
  /** Takes all their files. */
  readonly folder: string;
  readonly children: Children;
  readonly binaries: ReleaseBinaries;
  readonly jvm: JvmBackend;
}

export async function createBackends({ folder, children, binaries, jvm }: BackendsOptions): Promise<Backends> {
  await mkdir(folder, { recursive: true });
  const started: { readonly backend: Backend; stop(): Promise<void> }[] = [];
  let count = 0;
  const commands: Readonly<Record<BackendKind, readonly string[]>> = {
    node: [process.execPath, join(import.meta.dirname, 'backend.ts')],
    go: [binaries.backend],
    jvm: jvm.command,
    grpc: [binaries.backend, '--kind', 'grpc'],
  };

  return {
    async start(kind, ending, more = []) {
      const name = `${kind}-${count++}`;
      const seenFile = join(folder, `${name}.seen`);
      const logFile = join(folder, `${name}.log`);
      const [command = '', ...words] = commands[kind];
      const args = [...words, '--name', name, '--seen', seenFile, '--ending', ending, ...more];
      const child = children.start({ command, args, logFile });
      const { port } = await lineOf<{ readonly port: number }>(logFile, child, (line) => 'port' in line);
      const end = (): void => {
        process.kill(child.pid, ending === 'kill' ? 'SIGKILL' : 'SIGTERM');
      };
      const backend = { name, kind, pid: child.pid, port, seenFile, end, ended: child.ended };
      started.push({ backend, stop: child.stop });
      return backend;
    },
    all: () => started.map(({ backend }) => backend),
    async stop() {
      await Promise.all(started.map(({ stop }) => stop()));
    },
  };
}
