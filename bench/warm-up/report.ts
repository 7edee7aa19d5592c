import { table } from '../../src/cli/table.ts';
import { type Machine, machineLine, versionsLine } from '../machine.ts';
import { quantile } from '../spread.ts';
import { type Mode, modes, type WarmUpOptions } from './options.ts';
import type { Trial } from './trial.ts';

/** All that a run gave. */
export interface Measurement {
  readonly options: WarmUpOptions;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly trials: readonly Trial[];
}

/** What the trials of a mode gave in the middle. */
export interface ModeSummary {
  readonly mode: Mode;
  readonly failed: number;
  /** Of the load before, the whole time, its worst second. */
  readonly p99BeforeMs: number;
  readonly p99Ms: number;
  readonly worstSecondMs: number;
  /** p99 of the whole time to that of nobody's warm-up, of trials of the same round. */
  readonly ratio: number;
  readonly p99EachSecondMs: readonly number[];
  readonly shareEachSecond: readonly number[];
}

export function summaries({ trials }: Measurement): readonly ModeSummary[] {
  const off = trials.filter(({ mode }) => mode === 'Off');
  return modes.map((mode) => {
    const own = trials.filter((trial) => trial.mode === mode);
    const eachSecond = (of: (trial: Trial) => readonly number[]): readonly number[] =>
      (own[0] ? of(own[0]) : []).map((_, second) => quantile(own.map((trial) => of(trial)[second] ?? 0)));
    return {
      mode,
      failed: own.reduce((sum, { failed }) => sum + failed, 0),
      p99BeforeMs: quantile(own.map(({ beforeMs }) => beforeMs.p99)),
      p99Ms: quantile(own.map(({ latencyMs }) => latencyMs.p99)),
      worstSecondMs: quantile(own.map(({ p99EachSecondMs }) => Math.max(...p99EachSecondMs))),
      ratio: quantile(own.map(({ latencyMs }, round) => latencyMs.p99 / (off[round]?.latencyMs.p99 ?? Number.NaN))),
      p99EachSecondMs: eachSecond(({ p99EachSecondMs }) => p99EachSecondMs),
      shareEachSecond: eachSecond(({ shareEachSecond }) => shareEachSecond),
    };
  });
}

/** The report as text. */
export function report(measurement: Measurement): string {
  const { options, machine, versions } = measurement;
  const shown = [0, 1, 2, 5, 10, 15, 20, 25, 29].filter((second) => second < options.seconds);
  const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;
  const head = ['SLOW START', 'P99 BEFORE', `P99 OF ${options.seconds} S`, 'TO OFF', 'WORST SECOND', 'FAILED', ...shown.map((second) => `${second} S`)];
  const rows = summaries(measurement).map(({ mode, p99BeforeMs, p99Ms, ratio, worstSecondMs, failed, shareEachSecond }) => [
    mode,
    milliseconds(p99BeforeMs),
    milliseconds(p99Ms),
    ratio.toFixed(2),
    milliseconds(worstSecondMs),
    String(failed),
    ...shown.map((second) => `${((shareEachSecond[second] ?? 0) * 100).toFixed(1)}%`),
  ]);
  return [
    `a cold JVM joins ${options.warm} that are warm, ${options.rate} requests a second, ${options.rounds} rounds, the middle of them; on the right its share of the requests`,
    machineLine(machine),
    versionsLine(versions),
    '',
    table(head, rows),
    '',
  ].join('\n');
}
