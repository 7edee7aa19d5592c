import { mkdtemp } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CertificateAndKey } from '../../examples/quickstart/backends/self-signed.ts';
import { pin } from '../cpu-time.ts';
import { type Backend, createBackends } from '../release/backends.ts';
import type { ReleaseBinaries } from '../release/context.ts';
import type { JvmBackend } from '../release/jvm.ts';
import { type Latency, type LoadResult, startLoad } from '../release/load.ts';
import { startSluiceSubject } from '../release/subject/sluice.ts';
import { httpHost, type Wanted } from '../release/wanted.ts';
import type { Run } from '../run.ts';
import type { Balancer, Mode, WarmUpOptions } from './options.ts';

/** What the trials of a run share. */
export interface TrialContext {
  readonly run: Run;
  readonly options: WarmUpOptions;
  /** Sluice as it is shipped. */
  readonly sluice: string;
  readonly envoy: string;
  readonly jvm: JvmBackend;
  readonly binaries: ReleaseBinaries;
  readonly certificate: CertificateAndKey;
}

/** What clients saw while a cold JVM was one of the backends. */
export interface Trial {
  readonly balancer: Balancer;
  readonly mode: Mode;
  readonly sent: number;
  readonly failed: number;
  readonly latencyMs: Latency;
  /** Of the same load just before, on warm JVMs alone. */
  readonly beforeMs: Latency;
  readonly p99EachSecondMs: readonly number[];
  /** Share of all good answers that the cold one gave in each second, from 0 to 1. */
  readonly shareEachSecond: readonly number[];
}

/** Compiling keeps a cold JVM busy for seconds: beside the others it would slow them, load and proxy included, whoever asks it or not. */
export const processors = { others: 0, cold: 1 } as const;

const pool = 'shop';
const connections = 48;
/** Rate of a load whose connections send the next request when they have their answer. */
const atOnce = 0;
/** How long warm JVMs alone are measured, at the most. */
const aloneSeconds = 10;
const nothing = async (): Promise<void> => undefined;

/** Warm JVMs under load, and a cold one that joins them, which has a processor of its own, as a pod has its own limit. All is new. */
export async function trial(balancer: Balancer, mode: Mode, { run, options, binaries, jvm, certificate, ...programs }: TrialContext): Promise<Trial> {
  const folder = await mkdtemp(join(run.root, `${balancer}-${mode}-`));
  const backends = await createBackends({ folder: join(folder, 'backends'), children: run.children, binaries, jvm });
  const start = (): Promise<Backend> => backends.start('jvm', 'graceful', ['--delay', '0ms', '--work', String(options.work)]);
  const warm = await Promise.all(Array.from({ length: options.warm }, start));
  const wanted = (members: readonly Backend[]): Wanted => ({
    pools: { [pool]: members.map(({ port }) => ({ port, ending: false })) },
    policy: { balancer, slowStart: { mode, windowSeconds: options.seconds } },
    rules: [{ prefix: '/', edit: 'none', split: { [pool]: 1 } }],
    certificate,
  });
  const subject = await startSluiceSubject({ run, folder, wanted: wanted(warm), workers: availableParallelism(), ...programs });
  const load = (rate: number) =>
    startLoad({
      binary: binaries.load,
      port: subject.ports.http,
      protocol: 'http1',
      tls: false,
      host: httpHost,
      paths: ['/'],
      rate,
      connections,
      signal: run.signal,
    });
  const during = async (rate: number, seconds: number, act: () => Promise<void>): Promise<LoadResult> => {
    const open = await load(rate);
    await act();
    await sleep(seconds * 1000, undefined, { signal: run.signal });
    return open.finish();
  };
  try {
    // While they get warm they have all processors, and the next request when they have answered one: compiling takes most of the time.
    await Promise.all(warm.map(({ pid }) => pin(pid, processors.others, processors.cold)));
    await during(atOnce, options.warmSeconds, nothing);
    await Promise.all(warm.map(({ pid }) => pin(pid, processors.others)));
    const before = await during(options.rate, Math.min(aloneSeconds, options.seconds), nothing);
    const cold = await start();
    await pin(cold.pid, processors.cold);
    const result = await during(options.rate, options.seconds, () => subject.apply(wanted([...warm, cold])));
    return {
      balancer,
      mode,
      sent: result.sent,
      failed: result.failures.length,
      latencyMs: result.latencyMs,
      beforeMs: before.latencyMs,
      p99EachSecondMs: result.p99EachSecondMs.slice(0, options.seconds),
      shareEachSecond: shares(result, cold.name).slice(0, options.seconds),
    };
  } finally {
    await Promise.all([subject.stop(), backends.stop()]);
  }
}

function shares({ byBackend, p99EachSecondMs }: LoadResult, name: string): readonly number[] {
  return p99EachSecondMs.map((_, second) => {
    const all = Object.values(byBackend).reduce((sum, answers) => sum + (answers[second] ?? 0), 0);
    return all === 0 ? 0 : (byBackend[name]?.[second] ?? 0) / all;
  });
}
