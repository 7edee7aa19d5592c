import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsOf } from '../cpu-time.ts';
import type { SluiceProcess } from '../sluice.ts';
import type { BenchCluster } from './cluster.ts';
import type { BenchContext } from './context.ts';
import type { StatusWrites } from './measurement.ts';

/** So long is nothing written before all counts as written: what Envoys are about to acknowledge waits for five seconds. */
const restMs = 8000;
const lookEveryMs = 250;

/** Waits until Sluice has written into the objects what became of them. An Envoy has all of it already. */
export async function measureStatus(cluster: BenchCluster, sluice: SluiceProcess, { progress }: BenchContext): Promise<StatusWrites> {
  const [began, cpuBefore] = [performance.now(), await cpuSecondsOf(sluice.pid)];
  const seconds = ((await untilWritten(sluice)) - began) / 1000;
  const cpuSeconds = (await cpuSecondsOf(sluice.pid)) - cpuBefore;
  const counts = Object.values(await cluster.statusWrites());
  const writes = counts.reduce((sum, one) => sum + one, 0);
  progress(`the status of ${counts.length} objects written after ${seconds.toFixed(1)} s`);
  return { seconds, cpuSeconds, objects: counts.length, writes, requests: await cluster.requests() };
}

/** Resolves when nothing was written for a while. @returns when something last was, by `performance.now()`. */
export async function untilWritten(sluice: SluiceProcess): Promise<number> {
  let [last, count] = [performance.now(), await writesOf(sluice)];
  while (performance.now() - last < restMs) {
    await sleep(lookEveryMs);
    const now = await writesOf(sluice);
    if (now !== count) [last, count] = [performance.now(), now];
  }
  return last;
}

async function writesOf({ admin }: SluiceProcess): Promise<number> {
  const metrics = await (await fetch(`http://${admin}/metrics`)).text();
  return [...metrics.matchAll(/^sluice_cluster_writes_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, one]) => sum + Number(one), 0);
}
