import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAddress } from '../../src/address.ts';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { startEnvoy } from '../../src/launch/envoy-process.ts';
import { envoyVersion } from '../../src/launch/envoy-version.ts';
import { freePorts } from '../free-ports.ts';
import { quantile } from '../spread.ts';
import { captureOf, type RunContext } from './context.ts';
import { startLoneEnvoy } from './lone-envoy.ts';
import type { EnvoyMeasurement, Moved } from './measurement.ts';
import { hostOf, writeObjects } from './objects.ts';
import type { BenchOptions } from './options.ts';
import { type Changes, changeArguments, startControl, startSluice } from './server.ts';

const run = promisify(execFile);
const readyWithinMs = 120_000;
/** Turns that the servers take. */
const turns = 2;
/** In the order of their turns; `alone` has no server. */
const measured = ['sluice', 'alone', 'peer', 'goSender'] as const;

/**
 * Measures the time from a change of the only endpoint of a Service until a real Envoy sends its requests to the new one. The
 * servers take turns, each with an Envoy of its own.
 * @param binary path of an Envoy.
 */
export async function runEnvoy(binary: string, options: BenchOptions, context: RunContext): Promise<EnvoyMeasurement> {
  const { binaries, children, progress, signal } = context;
  const folder = await mkdtemp(join(context.root, 'envoy-'));
  progress(`real Envoy: starting Sluice with ${options.clusters} clusters …`);
  const { first, second, listening, tls } = await freePorts('first', 'second', 'listening', 'tls');
  const objects = await writeObjects(folder, options.clusters, { address: '127.0.0.1', port: first });
  const sluice = await startSluice(context.sluice, objects, folder, children, ['--http-port', String(listening), '--https-port', String(tls)]);
  const capture = join(folder, 'capture');
  await captureOf(sluice, options.clusters, context, capture);
  const moved: Record<(typeof measured)[number], Moved[]> = { sluice: [], alone: [], peer: [], goSender: [] };
  for (let turn = 0; turn < turns; turn++) {
    for (const name of measured) {
      const result = await (name === 'alone' ? withoutServer(turn) : withServer(name, turn));
      moved[name].push(result);
      progress(`real Envoy: ${result.timesMs.length} changes, ${name}: p50 ${quantile(result.timesMs).toFixed(1)} ms`);
    }
  }
  await sluice.stop();
  const [alone, peer, goSender] = [together(moved.alone), together(moved.peer), together(moved.goSender)];
  return { version: await envoyVersion(binary), sluice: together(moved.sluice), alone, peer, goSender };

  async function withServer(name: 'sluice' | 'peer' | 'goSender', turn: number): Promise<Moved> {
    const server = name === 'sluice' ? sluice : await startControl(name, binaries, capture, folder, children);
    const xds = parseAddress(server.xds);
    if (!xds) throw new Error(`not HOST:PORT: ${server.xds}`);
    const node = `${name}-${turn}`;
    const bootstrap = { node, group: 'default', xds, protocol: 'delta', admin: { host: '127.0.0.1', port: 0 }, maxConnections: defaultMaxConnections } as const;
    const envoy = await startEnvoy({ binary, folder: join(folder, node), children, concurrency: 1, drainSeconds: 1, bootstrap });
    await envoy.ready(readyWithinMs);
    const result = await probe(server.changes);
    await envoy.stop();
    if (server !== sluice) await server.stop();
    return result;
  }

  async function withoutServer(turn: number): Promise<Moved> {
    const envoy = await startLoneEnvoy({ binary, sluice, folder: join(folder, `alone-${turn}`), children });
    const result = await probe(envoy.changes);
    await envoy.stop();
    return result;
  }

  async function probe(changes: Changes): Promise<Moved> {
    const count = Math.ceil(options.changes / turns);
    const args = ['-envoy', `127.0.0.1:${listening}`, '-host', hostOf(0), '-first', String(first), '-second', String(second), '-changes', String(count)];
    const { stdout } = await run(binaries.probe, [...args, ...changeArguments(changes)], { signal });
    return JSON.parse(stdout) as Moved;
  }
}

/** Several turns as one. */
function together(turns: readonly Moved[]): Moved {
  return { timesMs: turns.flatMap(({ timesMs }) => timesMs), failed: turns.reduce((total, { failed }) => total + failed, 0) };
}
