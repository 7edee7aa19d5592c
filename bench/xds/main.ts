import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createChildren } from '../../src/launch/children.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { readVersion } from '../../src/version.ts';
import { runEnvoy } from './envoy-run.ts';
import { binariesIn } from './go.ts';
import type { Measurement, ProtocolMeasurement } from './measurement.ts';
import { endWithParent, networkSetting, runInNamespace } from './namespace.ts';
import { type BenchOptions, type Protocol, readOptions, usage } from './options.ts';
import { plot } from './plot.ts';
import { runProtocol } from './protocol-run.ts';
import { report } from './report.ts';
import { shippedSluice } from './shipped.ts';

/** `npm run bench:xds`: Sluice beside go-control-plane and bare senders, see bench/README.md. */
const progress = (line: string): void => console.error(line);
const options = given();
const root = process.env['SLUICE_BENCH_FOLDER'] ?? (await mkdtemp(join(tmpdir(), 'sluice-bench-')));
const children = createChildren();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
endWithParent(interrupted);
try {
  // What needs the network of the machine comes first.
  const binaries = await binariesIn(root, progress);
  const sluice = await shippedSluice(root);
  const envoy = options.envoy ? await findEnvoy({ env: process.env, progress, signal: interrupted.signal }) : '';
  const inside = await runInNamespace(process.argv.slice(1), { SLUICE_BENCH_FOLDER: root });
  if (inside !== undefined) process.exitCode = inside;
  else await Promise.race([measure(), aborted(interrupted.signal)]);

  async function measure(): Promise<void> {
    const before = loadavg()[0] ?? 0;
    const context = { root, sluice, binaries, children, progress, signal: interrupted.signal };
    const protocols: Partial<Record<Protocol, ProtocolMeasurement>> = {};
    for (const protocol of options.protocols) protocols[protocol] = await runProtocol(protocol, options, context);
    const moved = options.envoy ? await runEnvoy(envoy, options, context) : undefined;
    const measurement: Measurement = {
      at: new Date().toISOString(),
      options,
      machine: {
        processors: cpus().length,
        memoryMiB: Math.round(totalmem() / 1024 / 1024),
        kernel: `Linux ${release()}`,
        load: [before, loadavg()[0] ?? 0],
        network: networkSetting(),
      },
      versions: { Sluice: readVersion(), Node: process.version, ...binaries.versions },
      protocols,
      ...(moved ? { envoy: moved } : {}),
    };
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(measurement, null, 2)}\n`);
    if (options.plot !== undefined) await writeFile(options.plot, plot(measurement));
    console.log(report(measurement));
    if (hasLost(measurement)) throw new Error('something that was sent was lost: see the figures above');
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await children.stop();
  await rm(root, { recursive: true, force: true });
}
// Whatever was under way when the run was interrupted must not hold the process.
process.exit();

function given(): BenchOptions {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read) return read;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Whether a node of Sluice or of a control missed something, or a stream of Sluice ended by itself. */
function hasLost({ protocols, envoy }: Measurement): boolean {
  const measured = Object.values(protocols).flatMap(({ cold, changes, rate, deaf, reconnect }) => [
    ...Object.values(cold),
    ...Object.values(changes),
    ...(rate ? [rate] : []),
    ...Object.values(deaf),
    ...Object.values(reconnect),
  ]);
  return measured.some(({ missed, streamsLost }) => missed > 0 || streamsLost > 0) || (envoy?.sluice.failed ?? 0) > 0;
}
