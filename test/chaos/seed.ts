import { type Random, random } from '../fake/random.ts';

/** Chance that can be repeated: `SEED=17 npm run test:chaos` draws the same again. The seed is printed, so that a failure tells it. */
export function seeded(what: string): Random {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6));
  console.log(`${what}: SEED=${seed}`);
  return random(seed);
}
