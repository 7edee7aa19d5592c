import type { Held } from './held.ts';
import { RareMap } from './rare-map.ts';

/** Something that was in a refused answer: a resource, or a piece of a route configuration. */
export interface Suspect {
  /** Of the resource. */
  readonly name: string;
  /** Key of the piece; undefined: the resource as a whole. */
  readonly piece?: string;
}

/**
 * The search for what a client refuses without naming it: what was refused together waits in groups, each smaller than the one it
 * came from, and is tried group by group. What is refused alone is guilty. With `k` guilty of `n` that takes about `2 k log n` answers.
 */
export interface Search {
  /** The last one is tried next. */
  readonly waiting: (readonly Suspect[])[];
  /** The answer that a group is tried in, `''` where none is. */
  trial: string;
  /** What the client had of the suspects when they were refused first; undefined: nothing. */
  readonly goods: RareMap<Held | undefined>;
  /** Answers that were refused since it began. */
  refusals: number;
}

/** Nothing is searched for. */
export function createSearch(): Search {
  return { waiting: [], trial: '', goods: new RareMap(), refusals: 0 };
}

/** A search that is not over then ends: what is still suspected is held back until it changes. */
export const mostRefusals = 512;

/** Lets the halves of what was refused together wait for their trials. */
export function split(search: Search, suspects: readonly Suspect[]): void {
  const middle = Math.ceil(suspects.length / 2);
  search.waiting.push(...[suspects.slice(middle), suspects.slice(0, middle)].filter((group) => group.length > 0));
}
