import type { Stored } from './stored.ts';

/** Then by `NAMESPACE/NAME`. */
export function oldestFirst(a: Stored, b: Stored): number {
  if (a.age !== b.age) return a.age < b.age ? -1 : 1;
  const [left, right] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

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
    const at = before ? placeOf(next, before) : 0;
    if (before && after?.age === before.age) next[at] = after;
    else {
      if (before) next.splice(at, 1);
      if (after) next.splice(placeOf(next, after), 0, after);
    }
  }
  return next;
}

/** Where an object stands in a sorted list, or would. */
function placeOf(list: readonly Stored[], object: Stored): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (oldestFirst(list[middle] as Stored, object) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
