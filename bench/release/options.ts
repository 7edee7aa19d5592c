import { parseArgs } from 'node:util';
import { someOf } from '../some-of.ts';
import { wholeNumber } from '../whole-number.ts';
import { type BackendKind, backendKinds } from './backends.ts';
import { faults } from './faults.ts';

/** What is compared, in the order of the report. */
const subjectNames = ['sluice', 'nginx', 'plain'] as const;

export type SubjectName = (typeof subjectNames)[number];

/** What a run measures. */
export interface ReleaseOptions {
  /** Names of faults. */
  readonly faults: readonly string[];
  readonly subjects: readonly SubjectName[];
  /** What the HTTP pool is made of; one of them after the other is replaced. */
  readonly backends: readonly BackendKind[];
  /** Requests a second. */
  readonly rate: number;
  /** The least time of a fault. */
  readonly seconds: number;
  /** Backends that are replaced in a fault. */
  readonly replacements: number;
  /** Times with and without changes, in turns; 0 leaves them out. */
  readonly pairs: number;
  /** Whether all subjects run at the same time. */
  readonly atOnce: boolean;
  /** Files that take the result; undefined: none. */
  readonly json?: string;
  readonly plot?: string;
}

/** What `npm run bench:release -- --help` prints. */
export const usage = `npm run bench:release -- [OPTIONS]
  --faults A,B       some of them (all):
                     ${faults.map(({ name }) => name).join(' ')}
  --subjects A,B     sluice, nginx, plain (all)
  --backends A,B     kinds in the HTTP pool: node, go, jvm (all)
  --rate R           requests a second (1000)
  --seconds T        the least time of a fault (21)
  --replacements N   backends that are replaced in a fault (18)
  --pairs N          times with changes and without, in turns (5); 0 leaves them out
  --at-once          all subjects at the same time, each with backends and load of its own
  --json FILE        write all figures
  --plot FILE        write a picture of them, SVG
  --quick            the same at 200 requests a second, with 3 replacements, for at least 2 s: whether it runs`;

const whole = { rate: 1000, seconds: 21, replacements: 18, pairs: 5 };
const quick = { rate: 200, seconds: 2, replacements: 3, pairs: 1 };

/**
 * Reads the words of the command line.
 * @throws {Error} where one of them is not understood. Undefined: only the usage is asked for.
 */
export function readOptions(words: readonly string[]): ReleaseOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      faults: text,
      subjects: text,
      backends: text,
      rate: text,
      seconds: text,
      replacements: text,
      pairs: text,
      'at-once': flag,
      json: text,
      plot: text,
      quick: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick ? quick : whole;
  const count = (name: keyof typeof whole, least?: number): number => wholeNumber(name, values[name], defaults[name], least);
  return {
    faults: someOf(
      'faults',
      values.faults,
      faults.map(({ name }) => name),
    ),
    subjects: someOf('subjects', values.subjects, subjectNames),
    backends: someOf(
      'backends',
      values.backends,
      backendKinds.filter((kind) => kind !== 'grpc'),
    ),
    rate: count('rate'),
    seconds: count('seconds'),
    replacements: count('replacements'),
    pairs: count('pairs', 0),
    atOnce: values['at-once'],
    ...(values.json === undefined ? {} : { json: values.json }),
    ...(values.plot === undefined ? {} : { plot: values.plot }),
  };
}
