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
import { readOptions, usage } from './options.ts';
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
    await pin(process.pid, processors.others);
    const context = { run, options, ...prepared, certificate: await selfSigned([httpHost], Date.now()) };
    const trials: Trial[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const balancer of options.balancers) {
        for (const mode of options.modes) {
          const one = await trial(balancer, mode, context);
          const [during, alone] = [one.latencyMs, one.beforeMs].map(({ p99 }) => `${p99.toFixed(1)} ms`);
          run.progress(`round ${round}, ${balancer}, ${mode}: p99 ${during}, before ${alone}, ${one.failed} failed`);
          trials.push(one);
        }
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
