import type { Stored } from './stored.ts';

export const oldestFirst = (a: Stored, b: Stored): number => (a.age < b.age ? -1 : a.age > b.age ? 1 : 0);

/** From how many changes on it costs less to sort all again. */
const manyChanges = 64;

/** The objects of one kind, sorted when somebody asks: what changed since is put into the last list. */
export interface ObjectList {
  replace(key: string, before: Stored | undefined, after: Stored | undefined): void;
  /** Oldest first. The same array until an object changes. */
  sorted(): readonly Stored[];
}

/** An empty one. */
export function createObjectList(): ObjectList {
  const objects = new Map<string, Stored>();
  let list: readonly Stored[] = [];
  /** Since the list. One above the bound stands for all that come after it. */
  let changes: Change[] = [];
  return {
    replace(key, before, after) {
      if (changes.length <= manyChanges) changes.push({ before, after });
      if (after) objects.set(key, after);
      else objects.delete(key);
    },
    sorted() {
      if (changes.length === 0) return list;
      list = changes.length > manyChanges ? [...objects.values()].sort(oldestFirst) : patched(list, changes);
      changes = [];
      return list;
    },
  };
}

interface Change {
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
}

function patched(list: readonly Stored[], changes: readonly Change[]): readonly Stored[] {
  const next = list.slice();
  for (const { before, after } of changes) {
    const at = before ? next.indexOf(before, placeOf(next, before.age, false)) : -1;
    const stays = at >= 0 && after?.age === before?.age;
    if (at >= 0) next.splice(at, 1);
    if (after) next.splice(stays ? at : placeOf(next, after.age, true), 0, after);
  }
  return next;
}

/** Before those of the same age, or behind them. */
function placeOf(list: readonly Stored[], age: string, isBehind: boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = (list[middle] as Stored).age;
    if (at < age || (isBehind && at === age)) low = middle + 1;
    else high = middle;
  }
  return low;
}
