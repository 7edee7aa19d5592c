import { cpus, loadavg, release, totalmem } from 'node:os';
import { type NetworkSetting, networkSetting } from './namespace.ts';

/** Where a run was measured. */
export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly memoryMiB: number;
  readonly kernel: string;
  /** Of the minute before and the minute at the end: what others did on the machine. */
  readonly load: readonly [number, number];
  readonly network: NetworkSetting;
}

/** @param loadBefore of the machine, when the run began. */
export function machineOf(loadBefore: number): Machine {
  return {
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    kernel: `Linux ${release()}`,
    load: [loadBefore, loadavg()[0] ?? 0],
    network: networkSetting(),
  };
}

/** A line of a report about it. */
export function machineLine({ processors, model, memoryMiB, kernel, load, network }: Machine): string {
  const where = network.ownNamespace ? 'in a network namespace of its own' : 'on the network of the machine, which may add to every figure';
  const busy = load.map((value) => value.toFixed(1)).join(' before, ');
  return `${processors} processors (${model}), ${memoryMiB} MiB, ${kernel}, ${network.congestionControl} ${where}; load of the machine ${busy} at the end`;
}

/** A line of a report about what was measured. */
export function versionsLine(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}
