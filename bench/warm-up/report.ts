import { table } from '../../src/cli/table.ts';
import { type Machine, machineLine, versionsLine } from '../machine.ts';
import { quantile } from '../spread.ts';
import type { Balancer, Mode, WarmUpOptions } from './options.ts';
import type { Trial } from './trial.ts';

/** All that a run gave. */
export interface Measurement {
  readonly options: WarmUpOptions;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly trials: readonly Trial[];
}

/** What the trials of a balancer in a mode gave in the middle, without those that were disturbed. */
export interface Summary {
  readonly balancer: Balancer;
  readonly mode: Mode;
  /** How many trials that are. */
  readonly trials: number;
  /** Of all. */
  readonly failed: number;
  /** Of the load before, the whole time, its worst second. */
  readonly p99BeforeMs: number;
  readonly p99Ms: number;
  readonly worstSecondMs: number;
  /** p99 of the whole time to that of the same balancer where nobody warms up. */
  readonly ratio: number;
  readonly p99EachSecondMs: readonly number[];
  readonly shareEachSecond: readonly number[];
}

/** Warm JVMs alone take about the same in every trial of a balancer; where it is that many times the middle, something else had the machine. */
const disturbedTimes = 2;

/** By balancer, then by mode. */
export function summaries({ options, trials }: Measurement): readonly Summary[] {
  return options.balancers.flatMap((balancer) => {
    const all = trials.filter((trial) => trial.balancer === balancer);
    const usual = quantile(all.map(({ beforeMs }) => beforeMs.p99));
    const sound = all.filter(({ beforeMs }) => beforeMs.p99 <= disturbedTimes * usual);
    const p99Of = (mode: Mode): number => quantile(sound.filter((trial) => trial.mode === mode).map(({ latencyMs }) => latencyMs.p99));
    return options.modes.map((mode) => {
      const own = sound.filter((trial) => trial.mode === mode);
      const eachSecond = (of: (trial: Trial) => readonly number[]): readonly number[] =>
        (own[0] ? of(own[0]) : []).map((_, second) => quantile(own.map((trial) => of(trial)[second] ?? 0)));
      return {
        balancer,
        mode,
        trials: own.length,
        failed: all.reduce((sum, trial) => sum + (trial.mode === mode ? trial.failed : 0), 0),
        p99BeforeMs: quantile(own.map(({ beforeMs }) => beforeMs.p99)),
        p99Ms: p99Of(mode),
        worstSecondMs: quantile(own.map(({ p99EachSecondMs }) => Math.max(...p99EachSecondMs))),
        ratio: p99Of(mode) / p99Of('Off'),
        p99EachSecondMs: eachSecond(({ p99EachSecondMs }) => p99EachSecondMs),
        shareEachSecond: eachSecond(({ shareEachSecond }) => shareEachSecond),
      };
    });
  });
}

/** The report as text. */
export function report(measurement: Measurement): string {
  const { options, machine, versions } = measurement;
  const shown = [0, 1, 2, 5, 10, 15, 20, 25, 29].filter((second) => second < options.seconds);
  const told = (value: number | undefined, text: (value: number) => string): string => (value === undefined || Number.isNaN(value) ? '-' : text(value));
  const milliseconds = (value: number): string => told(value, (some) => `${some.toFixed(1)} ms`);
  const head = [
    'BALANCER',
    'SLOW START',
    'TRIALS',
    'P99 BEFORE',
    `P99 OF ${options.seconds} S`,
    'TO OFF',
    'WORST SECOND',
    'FAILED',
    ...shown.map((second) => `${second} S`),
  ];
  const rows = summaries(measurement).map(({ balancer, mode, trials, p99BeforeMs, p99Ms, ratio, worstSecondMs, failed, shareEachSecond }) => [
    balancer,
    mode,
    String(trials),
    milliseconds(p99BeforeMs),
    milliseconds(p99Ms),
    told(ratio, (some) => some.toFixed(2)),
    milliseconds(worstSecondMs),
    String(failed),
    ...shown.map((second) => told(shareEachSecond[second], (share) => `${(share * 100).toFixed(1)}%`)),
  ]);
  return [
    `a cold JVM joins ${options.warm} that are warm, ${options.rate} requests a second, ${options.rounds} rounds, the middle of those trials in which warm ones alone were not slower than ${disturbedTimes} times as usual with the same balancer; on the right its share of the requests`,
    machineLine(machine),
    versionsLine(versions),
    '',
    table(head, rows),
    '',
  ].join('\n');
}
