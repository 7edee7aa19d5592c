import type { Random } from '../fake/random.ts';
import type { UnitState } from './unit.ts';

/** One way in which people change a unit. */
export interface Edit {
  readonly name: string;
  /** How often it is drawn, beside the others. */
  readonly share: number;
  /** Whether each object of the file says the same with any of the others as it was before, so that the file may be half written. */
  readonly changesOneObject: boolean;
  next(state: UnitState, random: Random, backends: number): UnitState;
}

const weights: readonly (readonly [number, number])[] = [
  [1, 0],
  [9, 1],
  [1, 1],
  [0, 1],
];

const edits: readonly Edit[] = [
  {
    name: 'endpoints',
    share: 30,
    changesOneObject: true,
    next: (state, random, backends) => {
      const [stable, canary] = state.backends;
      const other = Math.floor(random.next() * backends);
      return { ...state, backends: random.chance(0.5) ? [other, canary] : [stable, other] };
    },
  },
  { name: 'weights', share: 25, changesOneObject: true, next: (state, random) => routeChanged(state, { weights: random.pick(weights) }) },
  { name: 'a header', share: 15, changesOneObject: true, next: (state) => routeChanged(state, {}) },
  { name: 'the order of rules', share: 10, changesOneObject: true, next: (state) => routeChanged(state, { isSwapped: !state.route.isSwapped }) },
  { name: 'a setting of a cluster', share: 15, changesOneObject: true, next: (state) => ({ ...state, maxRequests: state.maxRequests + 1 }) },
  // A new cluster takes the place of the old one, and may have other endpoints from the beginning.
  {
    name: 'another Service',
    share: 5,
    changesOneObject: false,
    next: (state, random, backends) => ({
      ...routeChanged(state, {}),
      generation: state.generation + 1,
      backends: [Math.floor(random.next() * backends), state.backends[1]],
    }),
  },
];

function routeChanged(state: UnitState, change: Partial<UnitState['route']>): UnitState {
  return { ...state, route: { ...state.route, ...change, edition: state.route.edition + 1 } };
}

export function pickEdit(random: Random): Edit {
  const all = edits.flatMap((edit) => Array<Edit>(edit.share).fill(edit));
  return random.pick(all);
}
