import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsOf } from '../cpu-time.ts';
import { memoryOf } from '../memory.ts';
import type { SluiceProcess } from '../sluice.ts';
import type { BenchCluster } from './cluster.ts';
import type { BenchContext } from './context.ts';
import type { StatusWrites } from './measurement.ts';

/** So long is nothing written before all counts as written: what Envoys are about to acknowledge waits for five seconds. */
const restMs = 8000;
const patienceMs = 300_000;
const lookEveryMs = 250;

/** Waits until Sluice has written into the objects what became of them. An Envoy has all of it already. */
export async function measureStatus(cluster: BenchCluster, sluice: SluiceProcess, { options, progress }: BenchContext): Promise<StatusWrites> {
  const [began, cpuBefore] = [performance.now(), await cpuSecondsOf(sluice.pid)];
  const seconds = ((await untilWritten(sluice, options.routes)) - began) / 1000;
  const cpuSeconds = (await cpuSecondsOf(sluice.pid)) - cpuBefore;
  const counts = Object.values(await cluster.statusWrites());
  const writes = counts.reduce((sum, one) => sum + one, 0);
  progress(`the status of ${counts.length} objects written after ${seconds.toFixed(1)} s`);
  return { seconds, cpuSeconds, objects: counts.length, writes, memory: await memoryOf(sluice.pid), requests: await cluster.requests() };
}

/**
 * Resolves when nothing was written for a while. @returns when something last was, by `performance.now()`.
 * @param least so many objects have something to say.
 * @throws {Error} where that takes too long.
 */
export async function untilWritten(sluice: SluiceProcess, least: number): Promise<number> {
  const deadline = performance.now() + patienceMs;
  let [last, count] = [performance.now(), await writesOf(sluice)];
  while (count < least || performance.now() - last < restMs) {
    if (performance.now() > deadline) throw new Error(`the status of ${count} objects is written, and of no ${least} within ${patienceMs / 1000} s`);
    await sleep(lookEveryMs);
    const now = await writesOf(sluice);
    if (now !== count) [last, count] = [performance.now(), now];
  }
  return last;
}

async function writesOf({ admin }: SluiceProcess): Promise<number> {
  const metrics = await (await fetch(`http://${admin}/metrics`)).text();
  return [...metrics.matchAll(/^sluice_cluster_writes_total\{([^}]*)\} (\d+)$/gm)].reduce(
    (sum, [, labels = '', one]) => sum + (labels.includes('what="status"') ? Number(one) : 0),
    0,
  );
}
