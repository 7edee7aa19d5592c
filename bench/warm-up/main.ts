import { loadavg } from 'node:os';
import { selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import { envoyVersion } from '../../src/launch/envoy-version.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { readVersion } from '../../src/version.ts';
import { pin } from '../cpu-time.ts';
import { binariesIn } from '../go.ts';
import { machineOf } from '../machine.ts';
import { programs } from '../release/context.ts';
import { jvmBackendIn } from '../release/jvm.ts';
import { httpHost } from '../release/wanted.ts';
import { tellResults } from '../results.ts';
import { optionsOr, runBench } from '../run.ts';
import { shippedSluice } from '../shipped.ts';
import { modes, readOptions, usage } from './options.ts';
import { plot } from './plot.ts';
import { type Measurement, report } from './report.ts';
import { processors, type Trial, trial } from './trial.ts';

/** `npm run bench:warm-up`: what clients see of a cold JVM with a warm-up and without, see README.md beside this file. */
const options = optionsOr(usage, readOptions);
await runBench(
  async ({ root, progress, signal }) => ({
    binaries: await binariesIn('release', programs, root, progress),
    sluice: await shippedSluice(root),
    envoy: await findEnvoy({ env: process.env, progress, signal }),
    jvm: await jvmBackendIn(root, 'all'),
  }),
  async (run, prepared) => {
    const before = loadavg()[0] ?? 0;
    // Whatever is started from here on inherits it.
    await pin(process.pid, processors.all);
    const context = { run, options, ...prepared, certificate: await selfSigned([httpHost], Date.now()) };
    const trials: Trial[] = [];
    for (let round = 0; round < options.rounds; round++) {
      for (const mode of modes) {
        const one = await trial(mode, context);
        run.progress(`round ${round + 1}, ${mode}: p99 ${one.latencyMs.p99.toFixed(1)} ms, before ${one.beforeMs.p99.toFixed(1)} ms, ${one.failed} failed`);
        trials.push(one);
      }
    }
    const measurement: Measurement = {
      options,
      machine: machineOf(before),
      versions: { Sluice: readVersion(), Envoy: await envoyVersion(prepared.envoy), JDK: prepared.jvm.version },
      trials,
    };
    await tellResults(measurement, options, report, plot);
  },
);
