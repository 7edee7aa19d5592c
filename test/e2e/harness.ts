import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { parseAddress } from '../../src/address.ts';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { createChildren } from '../../src/launch/children.ts';
import { type EnvoyProcess, startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { type Server, type ServerOptions, startServer } from '../../src/server/server.ts';
import { defaultSettings, type Settings } from '../../src/settings.ts';
import { type Answer, type Ask, http, https } from './client.ts';
import { freePort } from './port.ts';
import { patienceMs } from './wait.ts';

export interface StackOptions {
  /** The first state: YAML texts by file name, or a folder that is copied. */
  readonly objects: Readonly<Record<string, string>> | string;
  /** Groups that get an Envoy; by default `default`. A group more than once: as many Envoys. */
  readonly envoys?: readonly string[];
  readonly protocol?: 'delta' | 'sotw';
  readonly settings?: Partial<Settings>;
  readonly drainSeconds?: number;
  /** Whether each Envoy answers health checks, on a port of its own. */
  readonly health?: boolean;
  /** What clients of xDS may take, as far as it differs from the defaults. */
  readonly clientLimits?: ServerOptions['clientLimits'];
  /** Where the server keeps revisions; undefined: in memory. */
  readonly state?: Pick<ServerOptions, 'stateDir' | 'stateKeyFile'>;
  /** Mutual TLS with what `makeCertificates` made in this folder; undefined: plain text. */
  readonly certificates?: string;
  /** Port of the views beside Envoys; undefined: none is asked. */
  readonly envoyViewPort?: number;
  /** The auth service that Envoys ask; undefined: there is none. */
  readonly authz?: ServerOptions['authz'];
}

/** A server in this process and real Envoys, all on free ports of 127.0.0.1. `await using` ends it. */
export interface Stack extends AsyncDisposable {
  /** The folder that the server reads. */
  readonly folder: string;
  /** What the Envoys of `default` bind for 80 and 443. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly envoys: readonly EnvoyProcess[];
  /** Where each Envoy answers health checks, in the order of `envoys`; empty without `health`. */
  readonly healthPorts: readonly number[];
  /** The one that runs now. */
  server(): Server;
  /** Writes a file of objects by rename, so that no half of it is ever read. */
  write(name: string, yaml: string): Promise<void>;
  remove(name: string): Promise<void>;
  http(path: string, ask?: Ask): Promise<Answer>;
  https(path: string, ask?: Ask): Promise<Answer>;
  /** Stops the server; the Envoys stay. */
  stopServer(): Promise<void>;
  /** Starts one again on the addresses of the first. @param settings what is other than at the first start. */
  startServer(settings?: Partial<Settings>): Promise<void>;
  /** Starts one more Envoy, which is not waited for. @param zone that it runs in. */
  startEnvoy(group: string, zone?: string): Promise<EnvoyProcess>;
  /** A line of an Envoy's statistics; 0 where it has none of that name. */
  stat(name: string, envoy?: EnvoyProcess): Promise<number>;
  /** The log of the server, for a test that failed. */
  log(): Promise<string>;
  close(): Promise<void>;
}

function serverTls(folder: string | undefined): Pick<ServerOptions, 'tls'> {
  if (folder === undefined) return {};
  const file = (name: string): string => join(folder, 'server', name);
  return { tls: { certificateChain: file('tls.crt'), privateKey: file('tls.key'), clientAuthorities: file('ca.crt') } };
}

/** Starts everything and waits until each Envoy serves. On failure nothing is left, and the error says what the server logged. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
  const folder = join(root, 'objects');
  const logFile = join(root, 'server.log');
  const log = pino({ level: 'debug' }, pino.destination({ dest: logFile, sync: true }));
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const settings: Settings = { ...defaultSettings, listenAddress: '127.0.0.1', httpPort, httpsPort, ...options.settings };
  const children = createChildren();
  const envoys: EnvoyProcess[] = [];
  const healthPorts: number[] = [];
  let server: Server | undefined;

  const running = (): Server => {
    if (!server) throw new Error('the server is stopped');
    return server;
  };
  const limits = options.clientLimits ? { clientLimits: options.clientLimits } : {};
  const start = (xds: number, admin: number, more?: Partial<Settings>): Promise<Server> => {
    const addresses = { xdsAddress: `127.0.0.1:${xds}`, adminAddress: `127.0.0.1:${admin}` };
    return startServer({
      config: [folder],
      ...addresses,
      settings: { ...settings, ...more },
      log,
      ...limits,
      ...options.state,
      ...(options.envoyViewPort === undefined ? {} : { envoyViewPort: options.envoyViewPort }),
      ...(options.authz && { authz: options.authz }),
      ...serverTls(options.certificates),
    });
  };

  async function write(name: string, yaml: string): Promise<void> {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(join(root, 'next'), yaml);
    await rename(join(root, 'next'), file);
  }

  async function close(): Promise<void> {
    await children.stop();
    await server?.stop();
    server = undefined;
    await rm(root, { recursive: true, force: true });
  }

  try {
    if (typeof options.objects === 'string') cpSync(options.objects, folder, { recursive: true });
    else {
      await mkdir(folder);
      for (const [name, yaml] of Object.entries(options.objects)) await write(name, yaml);
    }
    // Not those that the kernel gives to clients: they are listened on again after a restart.
    server = await start(await freePort(), await freePort());
    const [xds, admin] = [parseAddress(server.xdsAddress), parseAddress(server.adminAddress)];
    if (!xds || !admin) throw new Error(`not HOST:PORT: ${server.xdsAddress}, ${server.adminAddress}`);
    const binary = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    const add = async (group: string, zone?: string): Promise<EnvoyProcess> => {
      const node = `envoy-${envoys.length}`;
      const protocol = options.protocol ?? 'delta';
      const tls = options.certificates === undefined ? {} : { tls: { from: { folder: join(options.certificates, 'groups', group) } } };
      if (options.health) healthPorts.push(await freePort());
      const healthPort = healthPorts[envoys.length];
      const health = healthPort === undefined ? {} : { health: { host: '127.0.0.1', port: healthPort } };
      const where = zone === undefined ? {} : { zone };
      const bootstrap = {
        ...health,
        ...where,
        node,
        group,
        xds,
        protocol,
        admin: { host: '127.0.0.1', port: 0 },
        maxConnections: defaultMaxConnections,
        ...tls,
      };
      const envoy = await startEnvoy({ binary, folder: join(root, node), children, concurrency: 1, drainSeconds: options.drainSeconds ?? 2, bootstrap });
      envoys.push(envoy);
      return envoy;
    };
    for (const group of options.envoys ?? ['default']) await add(group);
    await Promise.all(envoys.map((envoy) => envoy.ready(patienceMs)));
    return {
      folder,
      httpPort,
      httpsPort,
      envoys,
      healthPorts,
      server: running,
      write,
      remove: (name) => rm(join(folder, name)),
      http: (path, ask) => http(httpPort, path, ask),
      https: (path, ask) => https(httpsPort, path, ask),
      async stopServer() {
        await running().stop();
        server = undefined;
      },
      async startServer(more) {
        server = await start(xds.port, admin.port, more);
      },
      startEnvoy: add,
      async stat(name, envoy = envoys[0]) {
        const answer = await fetch(`http://${envoy?.adminAddress}/stats?filter=^${name.replaceAll('.', '[.]')}$`);
        return Number(/: (\d+)/.exec(await answer.text())?.[1] ?? 0);
      },
      log: () => readFile(logFile, 'utf8'),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    const logged = await readFile(logFile, 'utf8').catch(() => '');
    await close();
    throw new Error(`the stack does not start; the server logged:\n${logged}`, { cause: error });
  }
}
