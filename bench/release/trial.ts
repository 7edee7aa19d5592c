import { mkdtemp } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CertificateAndKey } from '../../examples/quickstart/backends/self-signed.ts';
import type { Run } from '../run.ts';
import { type Backend, type BackendKind, createBackends, type Ending } from './backends.ts';
import type { ReleaseBinaries } from './context.ts';
import { canaryPool, changes, type Fault, mainPool, nothing } from './faults.ts';
import type { JvmBackend } from './jvm.ts';
import { ledgerOf } from './ledger.ts';
import { type Failure, type LoadResult, startLoad } from './load.ts';
import type { MetByEnd, Outcome, Pairs } from './measurement.ts';
import type { ReleaseOptions, SubjectName } from './options.ts';
import { createSite } from './site.ts';
import { startNginx } from './subject/nginx.ts';
import { startPlainControlPlane } from './subject/plain-control-plane.ts';
import { startSluiceSubject } from './subject/sluice.ts';
import type { Subject, SubjectOptions } from './subject/subject.ts';
import { type Endpoint, grpcHost, grpcPool, httpHost, type Wanted } from './wanted.ts';
import { type Arrivals, startWitness } from './witness.ts';

/** What the trials of a run share. */
export interface TrialContext {
  readonly run: Run;
  readonly options: ReleaseOptions;
  /** Sluice as it is shipped. */
  readonly sluice: string;
  readonly envoy: string;
  readonly nginx: string;
  readonly jvm: JvmBackend;
  readonly binaries: ReleaseBinaries;
  readonly certificates: readonly [CertificateAndKey, CertificateAndKey];
}

const starts: Readonly<Record<SubjectName, (options: SubjectOptions) => Promise<Subject>>> = {
  sluice: startSluiceSubject,
  nginx: startNginx,
  plain: startPlainControlPlane,
};

const connections = 48;
const paths = ['/a', '/b', '/c'];
const failuresKept = 20;
const grpcBackends = 3;

/** A proxy and its backends, as they are before anything happens. */
interface Standing {
  readonly subject: Subject;
  /** Takes files of this trial. */
  readonly folder: string;
  /** Load and a fault at the same time. */
  run(fault: Fault): Promise<{ readonly times: number; readonly result: LoadResult }>;
  readonly all: () => readonly Backend[];
  stop(): Promise<void>;
}

/** What a fault does to a subject. Both are new. Undefined: it does not happen to this subject. */
export async function trial(name: SubjectName, fault: Fault, context: TrialContext): Promise<Outcome | undefined> {
  const standing = await stand(name, fault, context);
  const endsBackends = fault.timing !== undefined || fault.ending !== 'graceful';
  const witness = endsBackends ? await startWitness(context.binaries.witness, standing.folder, context.run) : undefined;
  try {
    if (fault.toServer && !standing.subject.restartServer) return undefined;
    const { times, result } = await standing.run(fault);
    const backends = standing.all();
    const { duplicated, begun } = await ledgerOf(backends);
    const arrivals = await witness?.arrivals(new Set(backends.map(({ port }) => port)));
    const once = result.failures.filter(({ method }) => method === 'POST' || fault.protocol === 'grpc');
    return {
      fault: fault.name,
      subject: name,
      times,
      sent: result.sent,
      failed: { get: result.failures.length - once.length, post: once.length, byProxy: result.failures.filter(({ byProxy }) => byProxy).length },
      cut: result.failures.filter(({ method, why }) => method === 'GET' && why.startsWith(wordsOfCut)).length,
      met: metByEnd(once, begun, arrivals),
      duplicated: duplicated.size,
      closed: result.closed,
      latencyMs: result.latencyMs,
      reasons: counted(result.failures.map(({ method, why }) => `${method}: ${why}`)),
      failures: result.failures.slice(0, failuresKept),
    };
  } finally {
    await Promise.all([standing.stop(), witness?.stop()]);
  }
}

/** What the load client says of an answer that ended before its end. */
const wordsOfCut = 'cut off:';
/** What Envoy answers where a connection ended under a request. */
const wordsOfEnd = 'connection termination';

function metByEnd(failed: readonly Failure[], begun: ReadonlySet<string>, arrivals: Arrivals | undefined): MetByEnd {
  const others = failed.filter(({ id }) => !begun.has(id));
  const counts = { begun: failed.length - others.length };
  if (!arrivals) return counts;
  const unread = others.filter(({ id }) => arrivals.before.has(id));
  const notBefore = others.filter(({ id }) => !arrivals.before.has(id));
  const crossed = notBefore.filter(({ id }) => arrivals.after.has(id));
  const unsent = notBefore.filter(({ id, why }) => !arrivals.after.has(id) && why.includes(wordsOfEnd));
  return { ...counts, unread: unread.length, crossed: crossed.length, ...(arrivals.lost === 0 && { unsent: unsent.length }) };
}

/** Load with changes and without, in turns, on one proxy. */
export async function pairsOf(name: SubjectName, context: TrialContext): Promise<Pairs> {
  const standing = await stand(name, nothing, context);
  try {
    const without: LoadResult[] = [];
    const during: LoadResult[] = [];
    // Both are alike from here on: the first requests of a proxy are slower.
    await standing.run(nothing);
    for (let turn = 0; turn < context.options.pairs; turn++) {
      without.push((await standing.run(nothing)).result);
      during.push((await standing.run(changes)).result);
    }
    return { subject: name, without: without.map(({ latencyMs }) => latencyMs), with: during.map(({ latencyMs }) => latencyMs) };
  } finally {
    await standing.stop();
  }
}

async function stand(name: SubjectName, fault: Fault, { run, options, jvm, certificates, ...programs }: TrialContext): Promise<Standing> {
  const folder = await mkdtemp(join(run.root, `${fault.name}-${name}-`));
  const backends = await createBackends({ folder: join(folder, 'backends'), children: run.children, binaries: programs.binaries, jvm });
  const pools = await startPools(fault.ending);
  const wanted: Wanted = {
    pools: Object.fromEntries(Object.entries(pools).map(([pool, members]) => [pool, members.map(endpointOf)])),
    rules: paths.map((prefix) => ({ prefix, edit: 'none', split: { [mainPool]: 100, ...(canaryPool in pools ? { [canaryPool]: 0 } : {}) } })),
    certificate: certificates[0],
  };
  const subject = await starts[name]({ run, folder, wanted, workers: availableParallelism(), requestsOfConnection: 1000, ...programs });

  async function startPools(ending: Ending): Promise<Readonly<Record<string, readonly Backend[]>>> {
    const start = (kinds: readonly BackendKind[]) => Promise.all(kinds.map((kind) => backends.start(kind, ending)));
    if (fault.protocol === 'grpc')
      return { [mainPool]: await start(['go']), [canaryPool]: await start(['go']), [grpcPool]: await start(Array(grpcBackends).fill('grpc')) };
    const kinds = Array.from(
      { length: Math.max(3, options.backends.length) + fault.more },
      (_, index) => options.backends[index % options.backends.length] ?? 'go',
    );
    return { [mainPool]: await start(kinds), [canaryPool]: await start(['go']) };
  }

  return {
    subject,
    folder,
    all: backends.all,
    async run({ protocol, tls, run: act }) {
      const port = protocol === 'grpc' ? subject.ports.grpc : tls ? subject.ports.https : subject.ports.http;
      const host = protocol === 'grpc' ? grpcHost : httpHost;
      const load = await startLoad({ binary: programs.binaries.load, port, protocol, tls, host, paths, rate: options.rate, connections, signal: run.signal });
      const { seconds, replacements } = options;
      const site = createSite({ subject, wanted, backends, pools, ending: fault.ending, seconds, signal: run.signal });
      const times = await act(site, { replacements, seconds, certificates });
      while (!site.isOver()) await site.rest(100);
      return { times, result: await load.finish() };
    },
    async stop() {
      await Promise.all([subject.stop(), backends.stop()]);
    },
  };
}

const endpointOf = ({ port }: Backend): Endpoint => ({ port, ending: false });

function counted(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
