import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAddress } from '../address.ts';
import { reasonOf } from '../reason.ts';
import { defaultMaxConnections } from './bootstrap.ts';
import { createChildren } from './children.ts';
import { createEnvoyFleet, type FleetEvent } from './envoy-fleet.ts';
import type { EnvoyProcess } from './envoy-process.ts';
import { findEnvoy } from './find-envoy.ts';
import { lockFolder } from './folder-lock.ts';
import { LaunchError } from './launch-error.ts';
import { type PlannedPort, takenPorts } from './ports.ts';
import { startProcesses } from './processes.ts';

/** What `up` needs of a server that it started. */
export interface UpServer {
  /** Bound `HOST:PORT`. */
  readonly xdsAddress: string;
  readonly adminAddress: string;
  /** Whether every source has listed: before that nothing is known of groups. */
  isReady(): boolean;
  /** The groups that exist now. */
  groups(): readonly string[];
  /** The admin pages of the Envoys that run now. */
  followEnvoys(addresses: readonly string[]): void;
  stop(): Promise<void>;
}

export interface UpOptions {
  /** The user's folder: objects, and if present a `Procfile` and a `TRY.txt`. */
  readonly folder: string;
  /** Made if missing: logs, the files of the Envoys, and `objects/`, which is read as a second folder and emptied at start. For one `up` at a time. */
  readonly stateFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is going to be listened on, as far as it is known; all must be free before anything is started. */
  readonly ports: readonly PlannedPort[];
  /** Replaces `$HTTP_PORT` and `$HTTPS_PORT` in TRY.txt. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Takes the lines that the person reads. */
  readonly print: (line: string) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Starts the server on folders of objects. */
  readonly startServer: (config: readonly string[]) => Promise<UpServer>;
}

const lookEveryMs = 200;

/**
 * Server, Envoys and demo processes together on this machine: one Envoy for each group, coming and going with it. Resolves
 * when the signal aborted and everything that was started has ended; also when it rejects nothing is left running.
 * @throws {LaunchError} where it cannot start.
 */
export async function up(options: UpOptions): Promise<void> {
  const { folder, stateFolder, env, signal } = options;
  if (!(await isFolder(folder))) throw new LaunchError(`${folder} is not a folder`, 'Name a folder that holds YAML files: `sluice up DIR`.');
  await checkPorts(options.ports);
  const unlock = await lockFolder(stateFolder);
  const children = createChildren();
  let server: UpServer | undefined;
  let isEnding = false;
  // What ends because all of it ends is not worth a line.
  const print = (line: string): void => {
    if (!isEnding && !signal.aborted) options.print(line);
  };
  try {
    const binary = await findEnvoy({ env, progress: print, signal });
    const objects = join(stateFolder, 'objects');
    await rm(objects, { recursive: true, force: true });
    // Keys may be written here.
    await mkdir(objects, { recursive: true, mode: 0o700 });
    await startProcesses({
      folder,
      logs: join(stateFolder, 'processes'),
      env: { ...env, PATH: [dirname(process.execPath), env['PATH']].join(delimiter), SLUICE_OBJECTS: objects },
      children,
      print,
    });
    server = await options.startServer([folder, objects]);
    const xds = parseAddress(server.xdsAddress);
    if (!xds) throw new Error(`the server's xDS address is not HOST:PORT: ${server.xdsAddress}`);
    // One line after the other, in the order of what happened.
    let printed = Promise.resolve();
    const fleet = createEnvoyFleet({
      binary,
      folder: join(stateFolder, 'envoy'),
      children,
      bootstrapOf: (group) => ({
        node: `${group.replaceAll('/', '.')}-local`,
        group,
        xds,
        protocol: 'delta',
        admin: { host: '127.0.0.1', port: 0 },
        maxConnections: defaultMaxConnections,
      }),
      onEvent: (event) => {
        printed = printed.then(async () => print(await describe(event)));
      },
    });
    const follow = async (groups: readonly string[]): Promise<void> => {
      await fleet.follow(groups);
      server?.followEnvoys([...fleet.envoys().values()].map(({ adminAddress }) => adminAddress));
    };
    await untilAborted(signal, server, follow, async (serving) => {
      await printed;
      print(`Sluice serves ${folder}: xDS on ${serving.xdsAddress}, admin on http://${serving.adminAddress}, logs and state in ${stateFolder}`);
      if (fleet.envoys().size === 0) print('no Gateway, Ingress or Sidecar yet: an Envoy starts as soon as one is there');
      print(await whatToTry(options));
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    isEnding = true;
    await Promise.all([children.stop(), server?.stop()]);
    await unlock();
  }
}

/** Follows the groups, and calls once when those of the start are served. */
async function untilAborted(
  signal: AbortSignal,
  server: UpServer,
  follow: (groups: readonly string[]) => Promise<void>,
  onStarted: (server: UpServer) => Promise<void>,
): Promise<void> {
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  while (!signal.aborted && !server.isReady()) await Promise.race([sleep(lookEveryMs), aborted]);
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    await Promise.race([follow(server.groups()), aborted]);
    if (isFirst && !signal.aborted) await onStarted(server);
    await Promise.race([sleep(lookEveryMs), aborted]);
  }
}

async function checkPorts(ports: readonly PlannedPort[]): Promise<void> {
  const taken = await takenPorts(ports);
  if (taken.length === 0) return;
  throw new LaunchError(
    taken.map(({ host, port, purpose, reason }) => `port ${port} on ${host}, wanted for ${purpose}, is ${reason}`).join('\n'),
    taken.map(({ remedy }) => remedy).join('\n'),
  );
}

async function describe(event: FleetEvent): Promise<string> {
  if (event.type === 'stopped') return `Envoy of ${event.group} stopped: its group is gone`;
  if (event.type === 'drained') return `Envoy of ${event.group} ended, as it was told to`;
  if (event.type === 'failed')
    return `Envoy of ${event.group} failed: ${wordsOf(event.error)}\n  The group has none until you end this with Ctrl-C and start it again.`;
  const { envoy, group } = event;
  return `Envoy of ${group} listens on ${await listenersOf(envoy)} (pid ${envoy.pid}, admin http://${envoy.adminAddress}, log ${envoy.logFile})`;
}

/** The addresses that an Envoy has bound, as it says itself. */
async function listenersOf({ adminAddress }: EnvoyProcess): Promise<string> {
  try {
    const answer = await fetch(`http://${adminAddress}/listeners`);
    const addresses = (await answer.text()).split('\n').flatMap((line) => /::(\S+:\d+)$/.exec(line)?.[1] ?? []);
    return addresses.join(', ') || 'no port yet';
  } catch {
    // It ended in this moment, which is told by an event of its own.
    return 'no port';
  }
}

/** The TRY.txt of the folder, or what fits every folder. */
async function whatToTry({ folder, httpPort, httpsPort }: UpOptions): Promise<string> {
  const text = await readFile(join(folder, 'TRY.txt'), 'utf8').catch(() => undefined);
  if (text === undefined) return `Try \`sluice status\`, \`sluice explain http://localhost:${httpPort}/\`. Ctrl-C ends all.`;
  return text.trimEnd().replaceAll('$HTTP_PORT', String(httpPort)).replaceAll('$HTTPS_PORT', String(httpsPort));
}

function wordsOf(error: unknown): string {
  if (error instanceof LaunchError) return `${error.message}\n  ${error.remedy}`;
  return reasonOf(error);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Not there or not readable: the person is told the same.
    return false;
  }
}
