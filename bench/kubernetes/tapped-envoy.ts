import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { startEnvoy } from '../../src/launch/envoy-process.ts';
import type { SluiceProcess } from '../sluice.ts';
import type { BenchContext } from './context.ts';
import { startTap, type Tap } from './tap.ts';

const readyWithinMs = 300_000;

/** A real Envoy that has all that Sluice serves, with a tap between them. `await using` ends both. */
export interface TappedEnvoy extends AsyncDisposable {
  readonly tap: Tap;
  readonly pid: number;
}

/** @param folder takes its log. */
export async function startTappedEnvoy({ xds }: SluiceProcess, folder: string, { envoy: binary, children }: BenchContext): Promise<TappedEnvoy> {
  const tap = await startTap(xds);
  const envoy = await startEnvoy({
    binary,
    folder,
    children,
    concurrency: 1,
    drainSeconds: 1,
    bootstrap: {
      node: 'edge',
      group: 'default',
      xds: { host: '127.0.0.1', port: tap.port },
      protocol: 'delta',
      admin: { host: '127.0.0.1', port: 0 },
      maxConnections: defaultMaxConnections,
    },
  });
  await envoy.ready(readyWithinMs);
  return {
    tap,
    pid: envoy.pid,
    async [Symbol.asyncDispose]() {
      await envoy.stop();
      await tap[Symbol.asyncDispose]();
    },
  };
}
