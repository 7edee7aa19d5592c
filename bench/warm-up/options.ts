import { parseArgs } from 'node:util';
import type { Policy } from '../release/wanted.ts';
import { someOf } from '../some-of.ts';
import { wholeNumber } from '../whole-number.ts';

/** How Envoy chooses an endpoint. */
export type Balancer = Policy['balancer'];
/** Who warms a new endpoint up, `Off` being nobody. */
export type Mode = Policy['slowStart']['mode'];

const balancers = ['LeastRequest', 'RoundRobin'] as const satisfies readonly Balancer[];
const modes = ['Off', 'Envoy', 'Sluice'] as const satisfies readonly Mode[];

/** What a run measures. */
export interface WarmUpOptions {
  readonly balancers: readonly Balancer[];
  readonly modes: readonly Mode[];
  /** Requests a second. */
  readonly rate: number;
  /** JVMs that are warm before a cold one joins them. */
  readonly warm: number;
  /** How long they are warmed, as fast as they answer. */
  readonly warmSeconds: number;
  /** How long is measured, from when the cold one joins; the window of the warm-up. */
  readonly seconds: number;
  /** How much a backend does for an answer: items of an order that it writes, reads and prints. */
  readonly work: number;
  /** Turns that the modes take, each with every balancer. */
  readonly rounds: number;
  /** Files that take the result; undefined: none. */
  readonly json?: string;
  readonly plot?: string;
}

/** What `npm run bench:warm-up -- --help` prints. */
export const usage = `npm run bench:warm-up -- [OPTIONS]
  --balancers A,B    LeastRequest, RoundRobin (all)
  --modes A,B        who warms up: Off, Envoy, Sluice (all)
  --rate R           requests a second (100)
  --warm N           JVMs that are warm before a cold one joins them (2)
  --warm-seconds T   how long they are warmed, as fast as they answer (40)
  --seconds T        how long is measured from when it joins, and the window of the warm-up (30)
  --work N           items of an order that a backend writes, reads and prints for an answer (50)
  --rounds N         turns that the modes take, each with every balancer (2)
  --json FILE        write all figures
  --plot FILE        write a picture of the shares and times, SVG
  --quick            one round of 3 s with little work: whether it runs`;

const whole = { rate: 100, warm: 2, 'warm-seconds': 40, seconds: 30, work: 50, rounds: 2 };
const quick = { rate: 50, warm: 1, 'warm-seconds': 1, seconds: 3, work: 1, rounds: 1 };

/**
 * Reads the words of the command line.
 * @throws {Error} where one of them is not understood. Undefined: only the usage is asked for.
 */
export function readOptions(words: readonly string[]): WarmUpOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      balancers: text,
      modes: text,
      rate: text,
      warm: text,
      'warm-seconds': text,
      seconds: text,
      work: text,
      rounds: text,
      json: text,
      plot: text,
      quick: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick ? quick : whole;
  const count = (name: keyof typeof whole): number => wholeNumber(name, values[name], defaults[name]);
  return {
    balancers: someOf('balancers', values.balancers, balancers),
    modes: someOf('modes', values.modes, modes),
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
