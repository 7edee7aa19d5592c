import { parseArgs } from 'node:util';
import { wholeNumber } from '../whole-number.ts';

/** Who warms a new endpoint up, `Off` being nobody: `slowStart.mode` of a BackendPolicy. */
export const modes = ['Off', 'Envoy', 'Sluice'] as const;

export type Mode = (typeof modes)[number];

/** What a run measures. */
export interface WarmUpOptions {
  /** Requests a second. */
  readonly rate: number;
  /** JVMs that are warm before a cold one joins them. */
  readonly warm: number;
  /** How long they are warmed. */
  readonly warmSeconds: number;
  /** How long is measured, from when the cold one joins; the window of the warm-up. */
  readonly seconds: number;
  /** How much a backend computes for an answer: texts that it makes, counts and sorts. */
  readonly work: number;
  /** Turns that the modes take. */
  readonly rounds: number;
  /** Files that take the result; undefined: none. */
  readonly json?: string;
  readonly plot?: string;
}

/** What `npm run bench:warm-up -- --help` prints. */
export const usage = `npm run bench:warm-up -- [OPTIONS]
  --rate R           requests a second (300)
  --warm N           JVMs that are warm before a cold one joins them (3)
  --warm-seconds T   how long they are warmed (20)
  --seconds T        how long is measured from when it joins, and the window of the warm-up (30)
  --work N           texts that a backend makes, counts and sorts for an answer (2000)
  --rounds N         turns that the modes take (3)
  --json FILE        write all figures
  --plot FILE        write a picture of the shares and times, SVG
  --quick            one round of 4 s at 100 requests a second: whether it runs`;

const whole = { rate: 300, warm: 3, 'warm-seconds': 20, seconds: 30, work: 2000, rounds: 3 };
const quick = { rate: 100, warm: 2, 'warm-seconds': 2, seconds: 4, work: 100, rounds: 1 };

/**
 * Reads the words of the command line.
 * @throws {Error} where one of them is not understood. Undefined: only the usage is asked for.
 */
export function readOptions(words: readonly string[]): WarmUpOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...words],
    options: { rate: text, warm: text, 'warm-seconds': text, seconds: text, work: text, rounds: text, json: text, plot: text, quick: flag, help: flag },
  });
  if (values.help) return undefined;
  const defaults = values.quick ? quick : whole;
  const count = (name: keyof typeof whole): number => wholeNumber(name, values[name], defaults[name]);
  return {
    rate: count('rate'),
    warm: count('warm'),
    warmSeconds: count('warm-seconds'),
    seconds: count('seconds'),
    work: count('work'),
    rounds: count('rounds'),
    ...(values.json === undefined ? {} : { json: values.json }),
    ...(values.plot === undefined ? {} : { plot: values.plot }),
  };
}
