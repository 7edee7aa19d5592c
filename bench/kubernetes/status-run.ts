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
  let [last, count, cpuSeconds] = [began, -1, 0];
  while (performance.now() - last < restMs) {
    const now = await writesOf(sluice);
    if (now !== count) [last, count, cpuSeconds] = [performance.now(), now, (await cpuSecondsOf(sluice.pid)) - cpuBefore];
    await sleep(lookEveryMs);
  }
  const objects = await cluster.statusWrites();
  const writes = Object.values(objects).reduce((sum, one) => sum + one, 0);
  const seconds = (last - began) / 1000;
  progress(`the status of ${Object.keys(objects).length} objects written after ${seconds.toFixed(1)} s`);
  return { seconds, cpuSeconds, objects: Object.keys(objects).length, writes, requests: await cluster.requests() };
}

async function writesOf({ admin }: SluiceProcess): Promise<number> {
  const metrics = await (await fetch(`http://${admin}/metrics`)).text();
  return [...metrics.matchAll(/^sluice_cluster_writes_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, one]) => sum + Number(one), 0);
}
