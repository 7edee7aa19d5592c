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

/** All that a run gave. */
export interface Measurement {
  readonly options: ForwardOptions;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly forwarded: readonly Forwarded[];
  readonly pieces: readonly Forwarded[];
}

/** What all others are compared with, by its name. */
export const lean = 'Envoy, by hand';

/** What Sluice's is to be at least, of the leanest. */
const aim = 0.97;

/** The report as text. */
export function report({ options, machine, versions, forwarded, pieces }: Measurement): string {
  const lines = [
    `one worker on a processor of its own, ${options.rounds} rounds of ${options.seconds} s; requests per processor second of the proxy, the middle of the rounds`,
    machineLine(machine),
    versionsLine(versions),
    '',
    table(['PROTOCOL', 'PROXY', 'REQUESTS', 'TO BY HAND', 'FAILED', 'AIM', ''], compared(forwarded, lean, true)),
  ];
  const [first] = pieces;
  if (first) lines.push('', table(['PROTOCOL', 'AS SLUICE MAKES IT, BUT', 'REQUESTS', 'RATIO', 'FAILED', '', ''], compared(pieces, first.proxy, false)));
  return `${lines.join('\n')}\n`;
}

/** The ratio is the middle of those of the rounds: what the machine does besides meets both of a round. */
function compared(all: readonly Forwarded[], control: string, isJudged: boolean): readonly (readonly string[])[] {
  return all.map(({ protocol, proxy, perCpuSecond, failed }) => {
    const base = all.find((other) => other.protocol === protocol && other.proxy === control);
    const ratio = quantile(perCpuSecond.map((value, round) => value / (base?.perCpuSecond[round] ?? Number.NaN)));
    const verdict = isJudged && proxy === 'Sluice' ? [`at least ${aim}`, ratio >= aim ? 'met' : 'NOT MET'] : ['', ''];
    return [protocol, proxy, quantile(perCpuSecond).toFixed(0), ratio.toFixed(3), String(failed), ...verdict];
  });
}
