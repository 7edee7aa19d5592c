import { table } from '../../src/cli/table.ts';
import { type Machine, machineLine, versionsLine } from '../machine.ts';
import { quantile } from '../spread.ts';
import type { ForwardOptions, Protocol } from './options.ts';

/** Requests that a proxy forwarded in a processor second, in each round. */
export interface Forwarded {
  readonly protocol: Protocol;
  readonly proxy: string;
  readonly perCpuSecond: readonly number[];
  readonly failed: number;
}

/** Instructions of a worker outside of the kernel for one request. */
export interface Counted {
  readonly protocol: Protocol;
  readonly proxy: string;
  readonly instructions: number;
}

/** All that a run gave. */
export interface Measurement {
  readonly options: ForwardOptions;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly forwarded: readonly Forwarded[];
  /** What Sluice makes, changed by one piece each, after the one by hand; empty where nobody asked. */
  readonly counted: readonly Counted[];
}

/** The one by hand, by its name. */
export const lean = 'Envoy, by hand';

/** The same once more: both together are what others are compared with, and how far they are apart is what the machine does. */
export const leanAgain = 'the same, once more';

/** What Sluice makes, as it is, by its name. */
export const unchanged = 'nothing';

/** What Sluice's is to be at least, of the leanest. */
const aim = 0.97;

/** The report as text. */
export function report({ options, machine, versions, forwarded, counted }: Measurement): string {
  const lines = [
    `one worker on a processor of its own, ${options.rounds} rounds of ${options.seconds} s; requests per processor second of the proxy, the middle of the rounds`,
    machineLine(machine),
    versionsLine(versions),
    '',
    table(['PROTOCOL', 'PROXY', 'REQUESTS', 'TO BY HAND', 'FAILED', 'AIM', ''], compared(forwarded)),
  ];
  if (counted.length > 0) lines.push('', table(['PROTOCOL', 'AS SLUICE MAKES IT, BUT', 'INSTRUCTIONS', 'COSTS'], costs(counted)));
  return `${lines.join('\n')}\n`;
}

/** What a piece costs is what is less without it. */
function costs(counted: readonly Counted[]): readonly (readonly string[])[] {
  return counted.map(({ protocol, proxy, instructions }) => {
    const whole = counted.find((other) => other.protocol === protocol && other.proxy === unchanged)?.instructions ?? Number.NaN;
    return [protocol, proxy, instructions.toFixed(0), (whole - instructions).toFixed(0)];
  });
}

/** The ratio is the middle of those of the rounds: what the machine does besides meets both of a round. */
function compared(all: readonly Forwarded[]): readonly (readonly string[])[] {
  return all.map(({ protocol, proxy, perCpuSecond, failed }) => {
    const bases = all.filter((other) => other.protocol === protocol && [lean, leanAgain].includes(other.proxy));
    const base = (round: number): number => bases.reduce((sum, other) => sum + (other.perCpuSecond[round] ?? Number.NaN), 0) / bases.length;
    const ratio = quantile(perCpuSecond.map((value, round) => value / base(round)));
    const verdict = proxy === 'Sluice' ? [`at least ${aim}`, ratio >= aim ? 'met' : 'NOT MET'] : ['', ''];
    return [protocol, proxy, quantile(perCpuSecond).toFixed(0), ratio.toFixed(3), String(failed), ...verdict];
  });
}
