import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAddress } from '../../src/address.ts';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { startEnvoy } from '../../src/launch/envoy-process.ts';
import { envoyVersion } from '../../src/launch/envoy-version.ts';
import { captureOf, type RunContext } from './context.ts';
import type { EnvoyMeasurement, Moved } from './measurement.ts';
import { hostOf, writeObjects } from './objects.ts';
import type { BenchOptions } from './options.ts';
import { changeArguments, type RunningServer, startControl, startSluice } from './server.ts';
import { quantile } from './spread.ts';

const run = promisify(execFile);
const readyWithinMs = 120_000;
/** Turns that the servers take. */
const turns = 2;

/**
 * Measures the time from a change of the only endpoint of a Service until a real Envoy sends its requests to the new one. The
 * servers take turns, each with an Envoy of its own.
 * @param binary path of an Envoy.
 */
export async function runEnvoy(binary: string, options: BenchOptions, context: RunContext): Promise<EnvoyMeasurement> {
  const { binaries, children, progress, signal } = context;
  const folder = await mkdtemp(join(context.root, 'envoy-'));
  progress(`real Envoy: starting Sluice with ${options.clusters} clusters …`);
  const [first, second, listening, tls] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const objects = await writeObjects(folder, options.clusters, { address: '127.0.0.1', port: first });
  const sluice = await startSluice(objects, folder, children, ['--http-port', String(listening), '--https-port', String(tls)]);
  const capture = join(folder, 'capture');
  await captureOf(sluice, options.clusters, context, capture);
  const starts = {
    sluice: () => sluice,
    peer: () => startControl('peer', binaries, capture, folder, children),
    goSender: () => startControl('goSender', binaries, capture, folder, children),
  };
  const moved: Record<keyof typeof starts, Moved[]> = { sluice: [], peer: [], goSender: [] };
  for (let turn = 0; turn < turns; turn++) {
    for (const name of ['sluice', 'peer', 'goSender'] as const) {
      const server = await starts[name]();
      const result = await withEnvoy(server, `${name}-${turn}`);
      moved[name].push(result);
      progress(`real Envoy: ${result.timesMs.length} changes through ${server.name}: p50 ${quantile(result.timesMs).toFixed(1)} ms`);
      if (server !== sluice) await server.stop();
    }
  }
  await sluice.stop();
  return { version: await envoyVersion(binary), sluice: together(moved.sluice), peer: together(moved.peer), goSender: together(moved.goSender) };

  async function withEnvoy(server: RunningServer, name: string): Promise<Moved> {
    const xds = parseAddress(server.xds);
    if (!xds) throw new Error(`not HOST:PORT: ${server.xds}`);
    const bootstrap = {
      node: name,
      group: 'default',
      xds,
      protocol: 'delta',
      admin: { host: '127.0.0.1', port: 0 },
      maxConnections: defaultMaxConnections,
    } as const;
    const envoy = await startEnvoy({ binary, folder: join(folder, name), children, concurrency: 1, drainSeconds: 1, bootstrap });
    await envoy.ready(readyWithinMs);
    const changes = Math.ceil(options.changes / turns);
    const args = ['-envoy', `127.0.0.1:${listening}`, '-host', hostOf(0), '-first', String(first), '-second', String(second), '-changes', String(changes)];
    const { stdout } = await run(binaries.probe, [...args, ...changeArguments(server)], { signal });
    await envoy.stop();
    return JSON.parse(stdout) as Moved;
  }
}

/** Several turns as one. */
function together(turns: readonly Moved[]): Moved {
  return { timesMs: turns.flatMap(({ timesMs }) => timesMs), failed: turns.reduce((total, { failed }) => total + failed, 0) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
