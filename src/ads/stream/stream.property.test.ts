import { test } from 'node:test';
import { type Action, historyOf, type State, shorten, stateOf } from '../../../test/fake/history.ts';
import { play } from '../../../test/fake/history-run.ts';
import { random as createRandom } from '../../../test/fake/random.ts';

// Each of these was taken out once, alone, to see that a history of the first 150 seeds goes red: what an older ACK says of clusters that
// came again since (`until` in warming.ts), the wait of removals for routes that a client may run on (`mayRunOnOld`), what it tells late that
// it has (`takeLate`), what it is owed again after a refusal (`takeBack`), and the end of tries at an address (`mayHaveMadeWay`). The time
// for requests under way that removals are given anew (`postponeRemovals`) no seed of 3,000 asked for; the first rare history does.

/** `STREAM_SEEDS=5000` plays more histories, `STREAM_SEED=17` begins with another one. */
const seeds = Number(process.env['STREAM_SEEDS'] ?? 150);
const firstSeed = Number(process.env['STREAM_SEED'] ?? 1);
const actionsOfHistory = 90;

for (const protocol of ['sotw', 'delta'] as const) {
  for (const refusal of [undefined, 'named', 'unnamed', 'whole'] as const) {
    test(`random histories in ${protocol}${refusal ? `, refusals ${refusal}` : ''}: the client ends with the server's state, in order, without repeats`, () => {
      for (let seed = firstSeed; seed < firstSeed + seeds; seed++) check(protocol, refusal, seed);
      for (let seed = firstSeed; seed < firstSeed + seeds / 3; seed++) check(protocol, refusal, seed, 'busy');
    });
  }
}

const times = (count: number, ...actions: readonly Action[]): readonly Action[] => Array.from({ length: count }, () => actions).flat();
const stateWith = (name: string): State => ({
  clusters: { [name]: { kind: 'plain', version: 1000, ports: [1] } },
  listeners: { l: { port: 10, to: [name, name] } },
  secret: 1,
});

/** Too rare to be drawn among a few hundred histories. A client that comes back asks for clusters, endpoints, listeners and routes, in this order. */
const rare: Readonly<Record<string, readonly Action[]>> = {
  'a client that comes back asks for its routes long after it asked for all else': [
    ...times(20, { do: 'reach server' }, { do: 'reach client' }),
    { do: 'reconnect' },
    { do: 'publish', state: stateWith('b') },
    ...times(2, { do: 'reach server' }),
    // What it has that is gone may go now, as far as is known: it said nothing of listeners for long.
    { do: 'pass', ms: 20_001 },
    { do: 'pass', ms: 4_000 },
    { do: 'reach server' },
    { do: 'pass', ms: 2_000 },
    ...times(4, { do: 'reach client' }),
  ],
};

for (const [name, actions] of Object.entries(rare)) {
  for (const protocol of ['sotw', 'delta'] as const) {
    test(`${name} (${protocol})`, () => play({ protocol, first: stateWith('a'), last: stateWith('c') }, actions));
  }
}

/** @param pace whether the server has much else to do. @throws {Error} with the seed and the shortest history that fails. */
function check(protocol: 'sotw' | 'delta', refusal: 'named' | 'unnamed' | 'whole' | undefined, seed: number, pace: 'prompt' | 'busy' = 'prompt'): void {
  const random = createRandom(seed);
  const actions = historyOf(random, actionsOfHistory);
  const first = stateOf(random);
  // No resource of the last state, and no piece of one, was refused before.
  const last = {
    ...stateOf(random),
    listeners: { y: { port: 30, to: ['z', 'z'] as const } },
    clusters: { z: { kind: 'plain', version: 5000, ports: [9] } as const },
  };
  const options = { protocol, first, last, ...(refusal ? { refusal } : {}) };
  const failure = (tried: typeof actions): unknown => {
    try {
      play({ ...options, ...(pace === 'busy' && { busy: createRandom(seed) }) }, tried);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  if (failure(actions) === undefined) return;
  const shortest = shorten(actions, (tried) => failure(tried) !== undefined);
  const text = [`first state ${JSON.stringify(first)}`, ...shortest.map((action) => JSON.stringify(action))].join('\n  ');
  throw new Error(`seed ${seed} of ${protocol}, ${pace}${refusal ? `, refusals ${refusal}` : ''}:\n  ${text}`, { cause: failure(shortest) });
}
