import { loadavg } from 'node:os';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { readVersion } from '../../src/version.ts';
import { binariesIn } from '../go.ts';
import { machineOf } from '../machine.ts';
import { tellResults } from '../results.ts';
import { optionsOr, runBench } from '../run.ts';
import { shippedSluice } from '../shipped.ts';
import { programs } from './context.ts';
import { runEnvoy } from './envoy-run.ts';
import type { Measurement, ProtocolMeasurement } from './measurement.ts';
import { type Protocol, readOptions, usage } from './options.ts';
import { plot } from './plot.ts';
import { runProtocol } from './protocol-run.ts';
import { report } from './report.ts';

/** `npm run bench:xds`: Sluice beside go-control-plane and bare senders, see bench/README.md. */
const options = optionsOr(usage, readOptions);
await runBench(
  async ({ root, progress, signal }) => ({
    binaries: await binariesIn('xds', programs, root, progress),
    sluice: await shippedSluice(root),
    envoy: options.envoy ? await findEnvoy({ env: process.env, progress, signal }) : '',
  }),
  async (run, { envoy, ...prepared }) => {
    const before = loadavg()[0] ?? 0;
    const context = { ...run, ...prepared };
    const protocols: Partial<Record<Protocol, ProtocolMeasurement>> = {};
    for (const protocol of options.protocols) protocols[protocol] = await runProtocol(protocol, options, context);
    const moved = options.envoy ? await runEnvoy(envoy, options, context) : undefined;
    const measurement: Measurement = {
      at: new Date().toISOString(),
      options,
      machine: machineOf(before),
      versions: { Sluice: readVersion(), Node: process.version, ...prepared.binaries.versions },
      protocols,
      ...(moved ? { envoy: moved } : {}),
    };
    await tellResults(measurement, options, report, plot);
    if (hasLost(measurement)) throw new Error('something that was sent was lost: see the figures above');
  },
);

/** Whether a node of Sluice or of a control missed something, or a stream of Sluice ended by itself. */
function hasLost({ protocols, envoy }: Measurement): boolean {
  const measured = Object.values(protocols).flatMap(({ cold, changes, rate, deaf, reconnect }) => [
    ...Object.values(cold),
    ...Object.values(changes),
    ...Object.values(rate ?? {}),
    ...Object.values(deaf),
    ...Object.values(reconnect),
  ]);
  return measured.some(({ missed, streamsLost }) => missed > 0 || streamsLost > 0) || (envoy?.sluice.failed ?? 0) > 0;
}
