import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAddress } from '../../../src/address.ts';
import { defaultMaxConnections } from '../../../src/launch/bootstrap.ts';
import { startEnvoy } from '../../../src/launch/envoy-process.ts';
import { freePorts } from '../../free-ports.ts';
import { startSluiceProcess } from '../../sluice.ts';
import { objectFiles } from '../objects.ts';
import type { Wanted } from '../wanted.ts';
import type { Subject, SubjectOptions } from './subject.ts';

const readyWithinMs = 60_000;
/** Envoy's own. */
const drainSeconds = 600;

export interface SluiceSubject extends Subject {
  /** `HOST:PORT` of the admin API of Sluice. */
  readonly admin: string;
}

/** What others need is left out. */
type SluiceOptions = Omit<SubjectOptions, 'nginx' | 'binaries' | 'requestsOfConnection'>;

/** A real Envoy with the bootstrap of Sluice, and `sluice serve` on a folder, all with their defaults. A change is a file that is renamed into place. */
export async function startSluiceSubject({ run, folder, wanted, sluice, envoy: binary, workers }: SluiceOptions): Promise<SluiceSubject> {
  const { children } = run;
  const objects = join(folder, 'objects');
  await mkdir(objects);
  const written = new Map<string, string>();
  async function apply(next: Wanted): Promise<void> {
    for (const [name, text] of Object.entries(objectFiles(next))) {
      if (written.get(name) === text) continue;
      await writeFile(join(folder, 'next'), text);
      await rename(join(folder, 'next'), join(objects, name));
      written.set(name, text);
    }
  }

  await apply(wanted);
  const { http, https, ...own } = await freePorts('http', 'https', 'xds', 'admin');
  const addresses = ['--xds-address', `127.0.0.1:${own.xds}`, '--admin-address', `127.0.0.1:${own.admin}`];
  const start = () => startSluiceProcess(sluice, ['-c', objects], folder, children, ['--http-port', String(http), '--https-port', String(https)], addresses);
  let server = await start();
  const xds = parseAddress(server.xds);
  if (!xds) throw new Error(`not HOST:PORT: ${server.xds}`);
  const bootstrap = {
    node: 'edge',
    group: 'default',
    xds,
    protocol: 'delta',
    admin: { host: '127.0.0.1', port: 0 },
    maxConnections: defaultMaxConnections,
  } as const;
  const envoy = await startEnvoy({ binary, folder: join(folder, 'envoy'), children, concurrency: workers, drainSeconds, bootstrap });
  await envoy.ready(readyWithinMs);

  return {
    ports: { http, https, grpc: http },
    pid: envoy.pid,
    admin: server.admin,
    apply,
    async hasLetGo(port) {
      const deadline = performance.now() + readyWithinMs;
      while ((await healthyPorts(envoy.adminAddress)).has(port)) {
        if (performance.now() > deadline) throw new Error(`Envoy still sends requests to port ${port}`);
        await sleep(20);
      }
    },
    async restartServer() {
      await server.stop();
      server = await start();
    },
    async stop() {
      await Promise.all([envoy.stop(), server.stop()]);
    },
  };
}

/** Of the endpoints of all clusters, as Envoy has them. */
async function healthyPorts(admin: string): Promise<ReadonlySet<number>> {
  const answer = await fetch(`http://${admin}/clusters?format=json`);
  const { cluster_statuses: clusters } = (await answer.json()) as Clusters;
  const hosts = clusters.flatMap(({ host_statuses: of = [] }) => of);
  return new Set(
    hosts.flatMap(({ address, health_status: health }) => (health?.eds_health_status === 'HEALTHY' ? [address.socket_address?.port_value ?? 0] : [])),
  );
}

interface Clusters {
  readonly cluster_statuses: readonly {
    readonly host_statuses?: readonly {
      readonly address: { readonly socket_address?: { readonly port_value: number } };
      readonly health_status?: { readonly eds_health_status?: string };
    }[];
  }[];
}
