import { loadavg } from 'node:os';
import { envoyVersion } from '../../src/launch/envoy-version.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { readVersion } from '../../src/version.ts';
import { kubernetesProgram, kubernetesVersion } from '../../test/apiserver/program.ts';
import { machineOf } from '../machine.ts';
import { networkSetting } from '../namespace.ts';
import { tellResults } from '../results.ts';
import { optionsOr, runBench } from '../run.ts';
import { shippedSluice } from '../shipped.ts';
import type { Measurement } from './measurement.ts';
import { readOptions, usage } from './options.ts';
import { plot } from './plot.ts';
import { report } from './report.ts';
import { measureRoutes } from './route-run.ts';
import { measureScale } from './scale-run.ts';

/** `npm run bench:kubernetes`: Sluice on a large cluster with a real API server, see README.md beside this file. */
const options = optionsOr(usage, readOptions);
await runBench(
  async ({ root, progress, signal }) => {
    await kubernetesProgram();
    return { sluice: await shippedSluice(root), envoy: await findEnvoy({ env: process.env, progress, signal }) };
  },
  async (run, prepared) => {
    if (!networkSetting().ownNamespace) throw new Error('this bench needs a network namespace of its own: Linux, and root or user namespaces');
    const before = loadavg()[0] ?? 0;
    const context = { ...run, ...prepared, options };
    const scale = await measureScale(context);
    const routes = options.table > 0 ? await measureRoutes(context) : undefined;
    const measurement: Measurement = {
      at: new Date().toISOString(),
      options,
      machine: machineOf(before),
      versions: { Sluice: readVersion(), Node: process.version, Envoy: await envoyVersion(prepared.envoy), Kubernetes: kubernetesVersion },
      ...scale,
      ...(routes && { routes }),
    };
    await tellResults(measurement, options, report, plot);
    if (scale.endpoints.missed + scale.endpoints.refused > 0) throw new Error('something that was changed was lost: see the figures above');
  },
);
