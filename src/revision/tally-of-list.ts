import { sameEnds } from '../memo/each-of-list.ts';
import { WeakTable } from '../memo/weak-table.ts';

/** What the items of a list say together. */
interface Tally {
  /** All keys. The same set as for the list before as long as none comes or goes. */
  readonly keys: ReadonlySet<string>;
  /** Whether a key is there more than once. */
  readonly repeats: boolean;
}

/** Counts that go on from one list to the next. */
interface Counts<Item> {
  list: readonly Item[];
  readonly byKey: Map<string, number>;
  /** How many times a key was there already. */
  repeated: number;
  tally: Tally;
}

/**
 * Counts keys of the items of lists; where most items are those of the list of that name before, in the same order, only what differs is counted.
 * @param keysOf the same for the same item, each key once.
 * @returns a function of a name, which tells lists apart that begin alike, and a list.
 */
export function tallyOfList<Item extends object>(keysOf: (item: Item) => Iterable<string>): (name: string, list: readonly Item[]) => Tally {
  const byFirst = new WeakTable<Item, string, Counts<Item>>();
  return (name, list) => {
    const [first] = list;
    if (!first) return { keys: new Set(), repeats: false };
    const counts = byFirst.getOrMake(first, name, () => ({ list: [], byKey: new Map(), repeated: 0, tally: { keys: new Set(), repeats: false } }));
    if (counts.list !== list) goOn(counts, list, keysOf);
    return counts.tally;
  };
}

function goOn<Item>(counts: Counts<Item>, list: readonly Item[], keysOf: (item: Item) => Iterable<string>): void {
  const { byKey } = counts;
  const { head, tail } = sameEnds(counts.list, list);
  const come = list.slice(head, list.length - tail).flatMap((item) => [...keysOf(item)]);
  const gone = counts.list.slice(head, counts.list.length - tail).flatMap((item) => [...keysOf(item)]);
  let isSame = true;
  for (const key of come) {
    const before = byKey.get(key) ?? 0;
    byKey.set(key, before + 1);
    if (before > 0) counts.repeated += 1;
    else isSame = false;
  }
  for (const key of gone) {
    const before = byKey.get(key) ?? 0;
    if (before > 1) {
      byKey.set(key, before - 1);
      counts.repeated -= 1;
    } else {
      byKey.delete(key);
      isSame = false;
    }
  }
  counts.list = list;
  counts.tally = { keys: isSame ? counts.tally.keys : new Set(byKey.keys()), repeats: counts.repeated > 0 };
}
