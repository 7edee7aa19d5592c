import { test } from 'node:test';
import { historyOf, shorten, stateOf } from '../../test/fake/history.ts';
import { play } from '../../test/fake/history-run.ts';
import { random as createRandom } from '../../test/fake/random.ts';

/** `STREAM_SEEDS=5000` plays more histories, `STREAM_SEED=17` begins with another one. */
const seeds = Number(process.env['STREAM_SEEDS'] ?? 150);
const firstSeed = Number(process.env['STREAM_SEED'] ?? 1);
const actionsOfHistory = 90;

for (const protocol of ['sotw', 'delta'] as const) {
  for (const refusal of [undefined, 'named', 'unnamed'] as const) {
    test(`random histories in ${protocol}${refusal ? `, refusals ${refusal}` : ''}: the client ends with the server's state, in order, without repeats`, () => {
      for (let seed = firstSeed; seed < firstSeed + seeds; seed++) check(protocol, refusal, seed);
    });
  }
}

/** @throws {Error} with the seed and the shortest history that fails. */
function check(protocol: 'sotw' | 'delta', refusal: 'named' | 'unnamed' | undefined, seed: number): void {
  const random = createRandom(seed);
  const actions = historyOf(random, actionsOfHistory);
  const first = stateOf(random);
  // No resource of the last state has a version that was refused before.
  const last = {
    ...stateOf(random),
    listeners: { l: { port: 30, to: ['z', 'z'] as const } },
    clusters: { z: { kind: 'plain', version: 5000, ports: [9] } as const },
  };
  const options = { protocol, first, last, ...(refusal ? { refusal } : {}) };
  const failure = (tried: typeof actions): unknown => {
    try {
      play(options, tried);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  if (failure(actions) === undefined) return;
  const shortest = shorten(actions, (tried) => failure(tried) !== undefined);
  const text = [`first state ${JSON.stringify(first)}`, ...shortest.map((action) => JSON.stringify(action))].join('\n  ');
  throw new Error(`seed ${seed} of ${protocol}${refusal ? `, refusals ${refusal}` : ''}:\n  ${text}`, { cause: failure(shortest) });
}
