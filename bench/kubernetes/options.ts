import { parseArgs } from 'node:util';
import { wholeNumber } from '../whole-number.ts';

/** What a run measures. */
export interface KubernetesOptions {
  /** Services, each with an EndpointSlice. */
  readonly services: number;
  /** Endpoints in each slice. */
  readonly endpoints: number;
  readonly ingresses: number;
  /** HTTPRoutes, beside the Ingresses. */
  readonly routes: number;
  /** Slices that change in a second, for how many seconds. */
  readonly rate: number;
  readonly seconds: number;
  /** HTTPRoutes in the table that one more is put into; 0 leaves that out. */
  readonly table: number;
  /** How often one is. */
  readonly rounds: number;
  /** Files that take the result; undefined: none. */
  readonly json?: string;
  readonly plot?: string;
}

/** Slices that change before those that count: whatever is done for the first time is done then. */
export const warmUp = 20;

/** What `npm run bench:kubernetes -- --help` prints. */
export const usage = `npm run bench:kubernetes -- [OPTIONS]
  --services N       Services, each with an EndpointSlice (5000)
  --endpoints N      endpoints in each slice (10)
  --ingresses N      Ingresses (5000)
  --routes N         HTTPRoutes (5000)
  --rate R           slices that change in a second (50)
  --seconds T        for how long (30)
  --table N          HTTPRoutes in the table that one more is put into (3000); 0 leaves that out
  --rounds N         how often one is (40)
  --json FILE        write all figures
  --plot FILE        write a picture of the times, SVG
  --quick            50 of each, few changes: whether it runs, not how fast`;

const whole = { services: 5000, endpoints: 10, ingresses: 5000, routes: 5000, rate: 50, seconds: 30, table: 3000, rounds: 40 };
const quick = { services: 50, endpoints: 10, ingresses: 50, routes: 50, rate: 10, seconds: 2, table: 50, rounds: 3 };

/**
 * Reads the words of the command line.
 * @throws {Error} where one of them is not understood. Undefined: only the usage is asked for.
 */
export function readOptions(words: readonly string[]): KubernetesOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      services: text,
      endpoints: text,
      ingresses: text,
      routes: text,
      rate: text,
      seconds: text,
      table: text,
      rounds: text,
      json: text,
      plot: text,
      quick: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick ? quick : whole;
  const count = (name: keyof typeof whole, least?: number): number => wholeNumber(name, values[name], defaults[name], least);
  // Each change is of another slice, so that it can be told from the others.
  const changes = warmUp + count('rate') * count('seconds');
  if (changes > count('services')) throw new Error(`--rate and --seconds make ${changes} changes, more than there are --services`);
  return {
    services: count('services'),
    endpoints: count('endpoints'),
    ingresses: count('ingresses', 0),
    routes: count('routes', 0),
    rate: count('rate'),
    seconds: count('seconds'),
    table: count('table', 0),
    rounds: count('rounds'),
    ...(values.json === undefined ? {} : { json: values.json }),
    ...(values.plot === undefined ? {} : { plot: values.plot }),
  };
}
