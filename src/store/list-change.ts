import { sameEnds } from '../memo/each-of-list.ts';

/** What differs between two lists, by identity. */
export interface ListChange<Item> {
  /** What is only in the first, in its order. */
  readonly gone: readonly Item[];
  /** What is only in the second, in its order. */
  readonly come: readonly Item[];
  /** How many items are the same at the beginning, and at the end of what is left then. */
  readonly head: number;
  readonly tail: number;
}

/** Compares two lists that hold each item once and mostly the same ones. */
export function listChange<Item>(before: readonly Item[], after: readonly Item[]): ListChange<Item> {
  const { head, tail } = sameEnds(before, after);
  const [old, next] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const [inOld, inNext] = [new Set(old), new Set(next)];
  return { gone: old.filter((item) => !inNext.has(item)), come: next.filter((item) => !inOld.has(item)), head, tail };
}
