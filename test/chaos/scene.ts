import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpBackend, startHttpBackend } from '../e2e/backend.ts';
import { freePort } from '../e2e/port.ts';
import type { Random } from '../fake/random.ts';
import { type SmallDisk, smallDisk } from '../small-disk.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { diskKib } from './full-disk.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import { createWorld, type World } from './world.ts';

/** Backends, objects that lead to them, a server with a disk for its state, and Envoys that serve. `await using` ends it. */
export interface Scene extends AsyncDisposable {
  readonly world: World;
  readonly server: ServerProcess;
  readonly fleet: Fleet;
  /** Where the server keeps its state. */
  readonly disk: SmallDisk;
  readonly xdsPort: number;
  readonly adminPort: number;
  /** Shared by all Envoys. */
  readonly httpPort: number;
}

export interface SceneOptions {
  /** One Envoy for each. */
  readonly protocols: readonly ('delta' | 'sotw')[];
  /** Of the edits. */
  readonly random: Random;
  /** More options of `serve`. */
  readonly words?: readonly string[];
}

export async function startScene({ protocols, random, words = [] }: SceneOptions): Promise<Scene> {
  await using starting = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), 'sluice-chaos-'));
  starting.defer(() => rm(root, { recursive: true, force: true }));
  const disk = starting.use(smallDisk(diskKib));
  const backends: HttpBackend[] = [];
  for (const name of ['a', 'b', 'c', 'd']) backends.push(starting.use(await startHttpBackend(name)));
  const folder = join(root, 'objects');
  const world = await createWorld(folder, random, backends);
  const [xdsPort, adminPort, httpPort, httpsPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const ports = ['--xds-address', `127.0.0.1:${xdsPort}`, '--http-port', String(httpPort), '--https-port', String(httpsPort)];
  const server = starting.use(createServerProcess(['-c', folder, '--state-dir', disk.path, ...ports, ...words], adminPort));
  await server.start();
  const fleet = starting.use(await startFleet(root, xdsPort, protocols));
  const started = starting.move();
  return { world, server, fleet, disk, xdsPort, adminPort, httpPort, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
