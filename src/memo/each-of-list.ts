import { done, type Work } from '../work.ts';
import { WeakTable } from './weak-table.ts';

/** What was made of each item of a list, in its order. @param name tells lists apart that begin alike. */
type EachOfList<Item, Made> = (name: string, list: readonly Item[]) => Work<readonly Made[]>;

interface Last<Item, Made> {
  readonly list: readonly Item[];
  readonly made: readonly Made[];
}

/**
 * Makes something of each item of lists that mostly hold the very same items, in the same order, as the list of that name before: what is the same at
 * both ends is taken over without a look at it. Thousands of items fit no cache, so that this counts more than what is made.
 * It yields after each item of which something is made. The list before is found by its first item; where that is another one, `make` is asked for all.
 * @param make gives the same for the same item, and remembers that itself where it takes long.
 */
export function eachOfList<Item extends object, Made>(make: (item: Item) => Made): EachOfList<Item, Made> {
  const byFirst = new WeakTable<Item, string, Last<Item, Made>>();
  return function* (name, list) {
    const [first] = list;
    if (!first) return [];
    const before = byFirst.get(first, name);
    if (before?.list === list) return before.made;
    const { head, tail } = before ? sameEnds(before.list, list) : { head: 0, tail: 0 };
    const other: Made[] = [];
    for (const item of list.slice(head, list.length - tail)) {
      other.push(make(item));
      yield;
    }
    const made = before ? before.made.slice(0, head).concat(other, before.made.slice(before.made.length - tail)) : other;
    byFirst.set(first, name, { list, made });
    return made;
  };
}

/** The same in one go. */
export function eachOfListAtOnce<Item extends object, Made>(make: (item: Item) => Made): (name: string, list: readonly Item[]) => readonly Made[] {
  const each = eachOfList(make);
  return (name, list) => done(each(name, list));
}

/**
 * How many items are the same at the beginning of two lists, and at the end of what is left then. By `Object.is`, which is done where two are the same:
 * `===` first reads of both what they are, and thousands of items fit no cache.
 */
export function sameEnds<Item>(a: readonly Item[], b: readonly Item[]): { readonly head: number; readonly tail: number } {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && Object.is(a[head], b[head])) head++;
  let tail = 0;
  while (tail < most - head && Object.is(a[a.length - 1 - tail], b[b.length - 1 - tail])) tail++;
  return { head, tail };
}
