import { type Random, random } from '../fake/random.ts';

/** Chance that can be repeated: `CHAOS_SEED=17 npm run test:chaos` draws the same again. The seed is printed, so that a failure tells it. */
export function seeded(what: string): Random {
  const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1e6));
  console.log(`${what}: CHAOS_SEED=${seed}`);
  return random(seed);
}

/** Chance of one actor: what it draws does not depend on how often the others draw meanwhile. */
export function forked(from: Random): Random {
  return random(Math.floor(from.next() * 2 ** 32));
}
