import { parseArgs } from 'node:util';
import { wholeNumber } from '../whole-number.ts';

export type Protocol = 'delta' | 'sotw';

/** What a run measures. */
export interface BenchOptions {
  /** Streams to each server at the same time. */
  readonly nodes: number;
  /** Services, each with ten endpoints, a cluster and a route. */
  readonly clusters: number;
  /** Changes that are counted for Sluice and the bare senders, one by one, in each protocol. */
  readonly changes: number;
  /** The same for go-control-plane, which needs seconds for one. */
  readonly peerChanges: number;
  readonly protocols: readonly Protocol[];
  /** The open loop: changes a second, for how many seconds; 0 leaves it out. */
  readonly rate: number;
  readonly seconds: number;
  /** Whether the time until a real Envoy moves its traffic is measured. */
  readonly envoy: boolean;
  /** Files that take the result; undefined: none. */
  readonly json?: string;
  readonly plot?: string;
}

/** What `npm run bench:xds -- --help` prints. */
export const usage = `npm run bench:xds -- [OPTIONS]
  --nodes N          streams to each server (1000)
  --clusters C       Services with ten endpoints each (5000)
  --changes K        changes of one endpoint, one by one (20)
  --peer-changes K   the same for go-control-plane (3)
  --protocol P       delta, sotw or both (both)
  --rate R           open loop: changes a second (10)
  --seconds T        open loop: for how long (100); 0 leaves it out
  --no-envoy         leave out the real Envoy
  --json FILE        write all figures
  --plot FILE        write a picture of them, SVG
  --quick            20 nodes, 100 clusters, few changes: whether it runs, not how fast`;

const whole = { nodes: 1000, clusters: 5000, changes: 20, peerChanges: 3, rate: 10, seconds: 100 };
const quick = { nodes: 20, clusters: 100, changes: 4, peerChanges: 2, rate: 10, seconds: 2 };

/**
 * Reads the words of the command line.
 * @throws {Error} where one of them is not understood. Undefined: only the usage is asked for.
 */
export function readOptions(words: readonly string[]): BenchOptions | undefined {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      nodes: number,
      clusters: number,
      changes: number,
      'peer-changes': number,
      protocol: { type: 'string', default: 'both' },
      rate: number,
      seconds: number,
      'no-envoy': { type: 'boolean', default: false },
      json: { type: 'string' },
      plot: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick ? quick : whole;
  const count = (name: 'nodes' | 'clusters' | 'changes' | 'peer-changes' | 'rate' | 'seconds', otherwise: number, least?: number): number =>
    wholeNumber(name, values[name], otherwise, least);
  if (values.protocol !== 'both' && values.protocol !== 'delta' && values.protocol !== 'sotw') throw new Error('--protocol is delta, sotw or both');
  return {
    nodes: count('nodes', defaults.nodes),
    clusters: count('clusters', defaults.clusters),
    changes: count('changes', defaults.changes),
    peerChanges: count('peer-changes', defaults.peerChanges),
    protocols: values.protocol === 'both' ? ['delta', 'sotw'] : [values.protocol],
    rate: count('rate', defaults.rate),
    seconds: count('seconds', defaults.seconds, 0),
    envoy: !values['no-envoy'],
    ...(values.json === undefined ? {} : { json: values.json }),
    ...(values.plot === undefined ? {} : { plot: values.plot }),
  };
}
