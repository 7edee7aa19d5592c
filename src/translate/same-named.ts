import { byName } from './by-name.ts';
import { isSameList } from './same-list.ts';

/** Things as they were gathered, and in order of their names. */
export interface Named<T> {
  readonly gathered: readonly T[];
  readonly sorted: readonly T[];
}

/** Puts a list in order of its names, the last of each; the same lists as before where the same was gathered. */
export function sameNamed<T extends { readonly name: string }>(before: Named<T> | undefined, gathered: readonly T[]): Named<T> {
  if (before && isSameList(before.gathered, gathered)) return before;
  const sorted = byName(new Map(gathered.map((one) => [one.name, one])).values());
  return { gathered, sorted: before && isSameList(before.sorted, sorted) ? before.sorted : sorted };
}
