import { loadavg } from 'node:os';
import { selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import { envoyVersion } from '../../src/launch/envoy-version.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { readVersion } from '../../src/version.ts';
import { binariesIn } from '../go.ts';
import { machineOf } from '../machine.ts';
import { findNginx, nginxVersion } from '../nginx.ts';
import { tellResults } from '../results.ts';
import { optionsOr, runBench } from '../run.ts';
import { shippedSluice } from '../shipped.ts';
import { programs } from './context.ts';
import { faults } from './faults.ts';
import { jvmBackendIn } from './jvm.ts';
import type { Measurement, Outcome, Pairs } from './measurement.ts';
import { readOptions, type SubjectName, usage } from './options.ts';
import { plot } from './plot.ts';
import { report } from './report.ts';
import { pairsOf, type TrialContext, trial } from './trial.ts';
import { httpHost } from './wanted.ts';

/** `npm run bench:release`: what releases and changes cost under Sluice, nginx and a plain control plane, see README.md beside this file. */
const options = optionsOr(usage, readOptions);
await runBench(
  async ({ root, progress, signal }) => ({
    binaries: await binariesIn('release', programs, root, progress),
    sluice: await shippedSluice(root),
    envoy: await findEnvoy({ env: process.env, progress, signal }),
    nginx: findNginx(),
    jvm: await jvmBackendIn(root, 'first'),
  }),
  async (run, prepared) => {
    const before = loadavg()[0] ?? 0;
    const certificate = () => selfSigned([httpHost], Date.now());
    const context: TrialContext = { run, options, ...prepared, certificates: [await certificate(), await certificate()] };
    const each = async <Result>(measure: (subject: SubjectName) => Promise<Result>): Promise<readonly Result[]> => {
      if (options.atOnce) return Promise.all(options.subjects.map(measure));
      const results: Result[] = [];
      for (const subject of options.subjects) results.push(await measure(subject));
      return results;
    };
    const outcomes: Outcome[] = [];
    for (const fault of faults.filter(({ name }) => options.faults.includes(name))) {
      for (const outcome of await each((subject) => trial(subject, fault, context))) {
        if (!outcome) continue;
        outcomes.push(outcome);
        const { subject, sent, failed, duplicated } = outcome;
        run.progress(`${fault.name}, ${subject}: ${sent} sent, ${failed.get + failed.post} failed, ${duplicated} twice`);
      }
    }
    const pairs: readonly Pairs[] = options.pairs > 0 ? await each((subject) => pairsOf(subject, context)) : [];
    const measurement: Measurement = {
      options,
      machine: machineOf(before),
      versions: {
        Sluice: readVersion(),
        Envoy: await envoyVersion(prepared.envoy),
        nginx: await nginxVersion(prepared.nginx),
        Node: process.version,
        JDK: prepared.jvm.version,
        ...prepared.binaries.versions,
      },
      outcomes,
      pairs,
    };
    await tellResults(measurement, options, report, plot);
  },
);
