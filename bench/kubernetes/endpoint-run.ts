import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsOf } from '../cpu-time.ts';
import { memoryOf } from '../memory.ts';
import type { SluiceProcess } from '../sluice.ts';
import { type BenchCluster, requestsSince } from './cluster.ts';
import type { BenchContext } from './context.ts';
import type { EndpointChanges, EndpointTimes } from './measurement.ts';
import { clusterOf, namespace, podEndpoints, sliceOf, slicePath } from './objects.ts';
import { warmUp } from './options.ts';
import type { Tap } from './tap.ts';
import { startWatcher } from './watcher.ts';

const endpointsType = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
const patienceMs = 30_000;
/** One change of a slice on its way, with moments of `performance.now()`. */
interface Change {
  readonly slice: string;
  readonly askedAt: number;
  sentAt?: number;
  ackedAt?: number;
  /** The answer before the one that it is in. */
  before?: Answer;
}

/** An answer with endpoints. */
interface Answer {
  readonly sentAt: number;
  readonly changes: readonly Change[];
  /** Undefined: not yet. */
  ackedAt?: number;
}

/** Changes slices at a steady rate, whatever becomes of those before: an open loop, each time another slice. */
export async function measureEndpoints(cluster: BenchCluster, sluice: SluiceProcess, tap: Tap, { options, progress }: BenchContext): Promise<EndpointChanges> {
  using watcher = await startWatcher(cluster.client, `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`);
  /** By cluster. Those that went by and wait for their acknowledgement, by nonce. */
  const changes = new Map<string, Change>();
  const sent = new Map<string, Answer>();
  let latest: Answer | undefined;
  let refused = 0;
  tap.onAnswer = ({ typeUrl, nonce, at, resources }) => {
    if (typeUrl !== endpointsType) return;
    const own = resources.flatMap((name) => changes.get(name.replace(/~.*$/, '')) ?? []);
    for (const change of own) {
      if (change.sentAt !== undefined) continue;
      change.sentAt = at;
      if (latest) change.before = latest;
    }
    latest = { sentAt: at, changes: own };
    sent.set(nonce, latest);
  };
  tap.onReply = ({ typeUrl, nonce, at, isRefusal }) => {
    if (typeUrl !== endpointsType) return;
    if (isRefusal) refused += 1;
    const answer = sent.get(nonce);
    if (!answer) return;
    answer.ackedAt = at;
    for (const change of answer.changes) change.ackedAt ??= at;
    sent.delete(nonce);
  };

  const count = options.rate * options.seconds;
  const asked: Promise<unknown>[] = [];
  let before = { cpuSeconds: 0, requests: await cluster.requests() };
  let began = 0;
  for (let number = -warmUp; number < count; number += 1) {
    if (number === 0) {
      before = { cpuSeconds: await cpuSecondsOf(sluice.pid), requests: await cluster.requests() };
      began = performance.now();
    }
    const due = began + (number * 1000) / options.rate;
    if (number >= 0 && due > performance.now()) await sleep(due - performance.now());
    if (number < 0) await sleep(1000 / options.rate);
    const one = number + warmUp;
    const body = { endpoints: podEndpoints(one, options.endpoints, `10.200.${one >> 8}.${one & 255}`) };
    if (number >= 0) changes.set(clusterOf(one), { slice: sliceOf(one), askedAt: performance.now() });
    asked.push(cluster.client.ask({ method: 'PATCH', path: slicePath(one), contentType: 'application/merge-patch+json', body }));
  }
  await Promise.all(asked);
  const deadline = performance.now() + patienceMs;
  while ([...changes.values()].some(({ ackedAt }) => ackedAt === undefined) && performance.now() < deadline) await sleep(20);
  tap.onAnswer = undefined;
  tap.onReply = undefined;
  const each = [...changes.values()].flatMap(({ slice, askedAt, sentAt, ackedAt, before }): readonly EndpointTimes[] => {
    const heardAt = watcher.heardAt(slice);
    if (heardAt === undefined || sentAt === undefined || ackedAt === undefined) return [];
    const waited = Math.max(0, Math.min(before?.ackedAt ?? 0, sentAt) - Math.max(before?.sentAt ?? 0, heardAt));
    return [{ apiServer: heardAt - askedAt, sluice: sentAt - heardAt - waited, envoy: waited + ackedAt - sentAt }];
  });
  progress(`${changes.size} slices changed, ${each.length} acknowledged`);
  return {
    each,
    missed: changes.size - each.length,
    refused,
    cpuSeconds: (await cpuSecondsOf(sluice.pid)) - before.cpuSeconds,
    memory: await memoryOf(sluice.pid),
    requests: requestsSince(before.requests, await cluster.requests()),
  };
}
