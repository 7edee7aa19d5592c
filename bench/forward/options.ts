import { parseArgs } from 'node:util';
import { someOf } from '../some-of.ts';
import { wholeNumber } from '../whole-number.ts';

const protocols = ['http1', 'http2', 'grpc'] as const;

export type Protocol = (typeof protocols)[number];

/** What a run measures. */
export interface ForwardOptions {
  readonly protocols: readonly Protocol[];
  /** Of each proxy in each round. */
  readonly seconds: number;
  /** Turns that the proxies take. */
  readonly rounds: number;
  /** Whether instructions are counted as well, of what Sluice sets piece by piece. */
  readonly pieces: boolean;
  /** File that takes the result; undefined: none. */
  readonly json?: string;
}

/** What `npm run bench:forward -- --help` prints. */
export const usage = `npm run bench:forward -- [OPTIONS]
  --protocols A,B   http1, http2, grpc (all)
  --seconds T       of each proxy in each round (1)
  --rounds N        turns that the proxies take (20)
  --pieces          also count instructions: what each thing costs that Sluice sets or could set; needs valgrind
  --json FILE       write all figures
  --quick           one round of a second: whether it runs`;

/**
 * Reads the words of the command line.
 * @throws {Error} where one of them is not understood. Undefined: only the usage is asked for.
 */
export function readOptions(words: readonly string[]): ForwardOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...words],
    options: { protocols: text, seconds: text, rounds: text, pieces: flag, json: text, quick: flag, help: flag },
  });
  if (values.help) return undefined;
  const count = (name: 'seconds' | 'rounds', otherwise: number): number => wholeNumber(name, values[name], otherwise);
  return {
    protocols: someOf('protocols', values.protocols, protocols),
    seconds: count('seconds', 1),
    rounds: count('rounds', values.quick ? 1 : 20),
    pieces: values.pieces,
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}
