import { mkdtemp, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import type { SnapshotAnswer } from '../../src/admin/api/snapshot.ts';
import { envoyVersion } from '../../src/launch/envoy-version.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { readVersion } from '../../src/version.ts';
import { cpuSecondsOf, pin } from '../cpu-time.ts';
import { freePorts } from '../free-ports.ts';
import { binariesIn } from '../go.ts';
import { machineOf } from '../machine.ts';
import { findNginx, nginxVersion } from '../nginx.ts';
import { startPlainEnvoy } from '../plain-envoy.ts';
import { startLoad } from '../release/load.ts';
import { startNginx } from '../release/subject/nginx.ts';
import { startSluiceSubject } from '../release/subject/sluice.ts';
import { grpcHost, grpcPool, httpHost, type Wanted } from '../release/wanted.ts';
import { optionsOr, runBench } from '../run.ts';
import { shippedSluice } from '../shipped.ts';
import { lineOf } from '../started.ts';
import { leanBootstrap } from './lean.ts';
import { type Protocol, readOptions, usage } from './options.ts';
import { fixedBootstrap, pieces } from './pieces.ts';
import { type Forwarded, lean, type Measurement, report } from './report.ts';

/** `npm run bench:forward`: what forwarding costs, see README.md beside this file. */
const options = optionsOr(usage, readOptions);
const programs = ['backend', 'load', 'peer'] as const;
/** The proxy has one processor, all others another one. */
const [ofProxy, ofOthers] = [0, 1];
const paths = ['/a', '/b', '/c'];
const connections = 32;
const endpointsEach = 3;

/** A proxy under measurement. */
interface Proxy {
  readonly name: string;
  readonly pid: number;
  portOf(protocol: Protocol): number;
}

await runBench(
  async ({ root, progress, signal }) => ({
    binaries: await binariesIn('release', programs, root, progress),
    sluice: await shippedSluice(root),
    envoy: await findEnvoy({ env: process.env, progress, signal }),
    nginx: findNginx(),
  }),
  async (run, { binaries, ...found }) => {
    const before = loadavg()[0] ?? 0;
    await pin(process.pid, ofOthers);
    const wanted: Wanted = {
      pools: { shop: await startBackends('http'), [grpcPool]: await startBackends('grpc') },
      rules: paths.map((prefix) => ({ prefix, edit: 'none', split: { shop: 1 } })),
      certificate: await selfSigned([httpHost], Date.now()),
    };
    const subject = async (name: string) => ({
      run,
      folder: await mkdtemp(join(run.root, `${name}-`)),
      wanted,
      binaries,
      workers: 1,
      requestsOfConnection: 1_000_000_000,
      ...found,
    });
    const sluice = await startSluiceSubject(await subject('sluice'));
    const nginx = await startNginx(await subject('nginx'));
    const proxies: Proxy[] = [
      { name: 'Sluice', pid: sluice.pid, portOf: () => sluice.ports.http },
      await plain(lean, (port) => leanBootstrap(wanted, port)),
      { name: 'nginx', pid: nginx.pid, portOf: (protocol) => (protocol === 'http1' ? nginx.ports.http : nginx.ports.grpc) },
    ];
    const forwarded = await measured(proxies, options.protocols);
    const changed: Proxy[] = [];
    if (options.pieces) {
      const response = await fetch(`http://${sluice.admin}/api/v1/snapshot`);
      const snapshot = (await response.json()) as SnapshotAnswer;
      for (const piece of pieces) changed.push(await plain(piece.name, (port) => fixedBootstrap(snapshot, sluice.ports.http, port, piece)));
    }
    const measurement: Measurement = {
      options,
      machine: machineOf(before),
      versions: {
        Sluice: readVersion(),
        Envoy: await envoyVersion(found.envoy),
        nginx: await nginxVersion(found.nginx),
        Node: process.version,
        Go: binaries.versions['Go'] ?? '',
      },
      forwarded,
      pieces: await measured(changed, changed.length > 0 ? options.protocols : []),
    };
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(measurement, null, 2)}\n`);
    console.log(report(measurement));

    async function startBackends(kind: 'http' | 'grpc') {
      const start = async (_: unknown, number: number) => {
        const logFile = join(run.root, `${kind}-${number}.log`);
        const args = ['--kind', kind, '--name', `${kind}-${number}`, '--delay', '0s', '--seen', '/dev/null'];
        const child = run.children.start({ command: binaries.backend, args, logFile });
        const { port } = await lineOf<{ readonly port: number }>(logFile, child, (line) => 'port' in line);
        return { port, ending: false };
      };
      return Promise.all(Array.from({ length: endpointsEach }, start));
    }

    async function plain(name: string, bootstrapOn: (port: number) => Parameters<typeof startPlainEnvoy>[0]['bootstrap']): Promise<Proxy> {
      const { port } = await freePorts('port');
      const bootstrap = { node: { id: 'edge', cluster: 'edge' }, ...bootstrapOn(port) };
      const { pid } = await startPlainEnvoy({
        binary: found.envoy,
        bootstrap,
        folder: join(run.root, name.replaceAll(/\W/g, '-')),
        children: run.children,
        concurrency: 1,
      });
      return { name, pid, portOf: () => port };
    }

    /** All take turns, round by round. */
    async function measured(all: readonly Proxy[], wantedProtocols: readonly Protocol[]): Promise<readonly Forwarded[]> {
      for (const { pid } of all) await pin(pid, ofProxy);
      const results: Forwarded[] = [];
      for (const protocol of wantedProtocols) {
        const each = all.map((proxy) => ({ proxy, perCpuSecond: [] as number[], failed: 0 }));
        // The round that is not counted opens connections.
        for (let round = -1; round < options.rounds; round++) {
          for (const one of each) {
            const { perCpuSecond, failed } = await once(one.proxy, protocol);
            if (round >= 0) one.perCpuSecond.push(perCpuSecond);
            one.failed += failed;
          }
        }
        for (const { proxy, perCpuSecond, failed } of each) {
          results.push({ protocol, proxy: proxy.name, perCpuSecond, failed });
          run.progress(`${protocol}, ${proxy.name}: ${perCpuSecond.map((value) => value.toFixed(0)).join(' ')} requests per processor second`);
        }
      }
      return results;
    }

    async function once(proxy: Proxy, protocol: Protocol): Promise<{ readonly perCpuSecond: number; readonly failed: number }> {
      const host = protocol === 'grpc' ? grpcHost : httpHost;
      const asked = { binary: binaries.load, port: proxy.portOf(protocol), protocol, tls: false, host, paths, rate: 0, connections, signal: run.signal };
      const load = await startLoad(asked);
      const used = await cpuSecondsOf(proxy.pid);
      await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000));
      const { sent, failures } = await load.finish();
      return { perCpuSecond: sent / ((await cpuSecondsOf(proxy.pid)) - used), failed: failures.length };
    }
  },
);
