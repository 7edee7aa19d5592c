import { mkdtemp } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import type { SnapshotAnswer } from '../../src/admin/api/snapshot.ts';
import { envoyVersion } from '../../src/launch/envoy-version.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { readVersion } from '../../src/version.ts';
import { exactCpuSecondsOf, pin } from '../cpu-time.ts';
import { freePorts } from '../free-ports.ts';
import { binariesIn } from '../go.ts';
import { machineOf } from '../machine.ts';
import { findNginx, nginxVersion } from '../nginx.ts';
import { startPlainEnvoy } from '../plain-envoy.ts';
import { type Load, type LoadResult, startLoad } from '../release/load.ts';
import { startNginx } from '../release/subject/nginx.ts';
import { startSluiceSubject } from '../release/subject/sluice.ts';
import { grpcHost, grpcPool, httpHost, type Wanted } from '../release/wanted.ts';
import { tellResults } from '../results.ts';
import { optionsOr, runBench } from '../run.ts';
import { shippedSluice } from '../shipped.ts';
import { lineOf } from '../started.ts';
import { countedBy, instructionsDuring } from './instructions.ts';
import { leanBootstrap } from './lean.ts';
import { type Protocol, readOptions, usage } from './options.ts';
import { fixedBootstrap, pieces } from './pieces.ts';
import { type Counted, type Forwarded, lean, leanAgain, type Measurement, report } from './report.ts';

/** `npm run bench:forward`: what forwarding costs, see README.md beside this file. */
const options = optionsOr(usage, readOptions);
const programs = ['backend', 'load', 'peer'] as const;
/** The proxy has one processor, all others another one. */
const [ofProxy, ofOthers] = [0, 1];
const paths = ['/a', '/b', '/c'];
const connections = 32;
const endpointsEach = 3;
/** Valgrind is slow: instructions are counted for as many times the seconds of a round. */
const countedTimes = 4;

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
      await plain(leanAgain, (port) => leanBootstrap(wanted, port)),
      { name: 'nginx', pid: nginx.pid, portOf: (protocol) => (protocol === 'http1' ? nginx.ports.http : nginx.ports.grpc) },
    ];
    for (const { pid } of proxies) await pin(pid, ofProxy);
    const forwarded = await measured();
    const counted = options.pieces ? await countedPieces() : [];
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
      counted,
    };
    await tellResults(measurement, options, report);

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

    type BootstrapOn = (port: number) => Parameters<typeof startPlainEnvoy>[0]['bootstrap'];

    async function plain(name: string, bootstrapOn: BootstrapOn, folder = join(run.root, name.replaceAll(/\W/g, '-')), by: readonly string[] = []) {
      const { port } = await freePorts('port');
      const bootstrap = { node: { id: 'edge', cluster: 'edge' }, ...bootstrapOn(port) };
      const envoy = await startPlainEnvoy({ binary: found.envoy, bootstrap, folder, children: run.children, concurrency: 1, by });
      return { ...envoy, name, portOf: () => port };
    }

    /** All take turns, round by round, each time another one first. */
    async function measured(): Promise<readonly Forwarded[]> {
      const results: Forwarded[] = [];
      for (const protocol of options.protocols) {
        const each = proxies.map((proxy) => ({ proxy, perCpuSecond: [] as number[], failed: 0 }));
        // The round that is not counted opens connections.
        for (let round = -1; round < options.rounds; round++) {
          const first = (round + each.length) % each.length;
          for (const one of [...each.slice(first), ...each.slice(0, first)]) {
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

    async function countedPieces(): Promise<readonly Counted[]> {
      const response = await fetch(`http://${sluice.admin}/api/v1/snapshot`);
      const snapshot = (await response.json()) as SnapshotAnswer;
      const all: readonly (readonly [name: string, on: BootstrapOn])[] = [
        [lean, (port) => leanBootstrap(wanted, port)],
        ...pieces.map((piece) => [piece.name, (port: number) => fixedBootstrap(snapshot, sluice.ports.http, port, piece)] as const),
      ];
      const results: Counted[] = [];
      for (const protocol of options.protocols) {
        for (const [proxy, on] of all) {
          const folder = await mkdtemp(join(run.root, 'counted-'));
          const envoy = await plain(proxy, on, folder, countedBy(folder));
          // Connections are there before anything is counted.
          const send = async (seconds: number) => endAfter(await begin(envoy, protocol, 1), seconds);
          await send(1);
          const before = await requestsOf(envoy.admin);
          const total = await instructionsDuring(envoy.pid, folder, async () => void (await send(countedTimes * options.seconds)));
          const instructions = total / ((await requestsOf(envoy.admin)) - before);
          await envoy.stop();
          results.push({ protocol, proxy, instructions });
          run.progress(`${protocol}, ${proxy}: ${instructions.toFixed(0)} instructions for a request`);
        }
      }
      return results;
    }

    async function once(proxy: Proxy, protocol: Protocol): Promise<{ readonly perCpuSecond: number; readonly failed: number }> {
      const load = await begin(proxy, protocol, connections);
      const used = await exactCpuSecondsOf(proxy.pid);
      const { sent, failures } = await endAfter(load, options.seconds);
      return { perCpuSecond: sent / ((await exactCpuSecondsOf(proxy.pid)) - used), failed: failures.length };
    }

    function begin({ portOf }: Pick<Proxy, 'portOf'>, protocol: Protocol, connections: number): Promise<Load> {
      const host = protocol === 'grpc' ? grpcHost : httpHost;
      return startLoad({ binary: binaries.load, port: portOf(protocol), protocol, tls: false, host, paths, rate: 0, connections, signal: run.signal });
    }
  },
);

async function endAfter(load: Load, seconds: number): Promise<LoadResult> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return load.finish();
}

/** Requests that all listeners of an Envoy had so far. */
async function requestsOf(admin: string): Promise<number> {
  const response = await fetch(`http://${admin}/stats?filter=downstream_rq_total`);
  const lines = (await response.text()).split('\n').filter((line) => !line.startsWith('http.admin.'));
  return lines.reduce((sum, line) => sum + Number(line.split(': ')[1] ?? 0), 0);
}
