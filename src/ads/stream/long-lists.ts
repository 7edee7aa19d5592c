import { memoized } from '../../memo/memoized.ts';

/**
 * From how many names on it is worth to look for what another stream has found: a thousand streams of one group hold the same maps and send
 * the same lists.
 */
export const many = 32;

/** What is found in a list. Short ones are not worth to be remembered, as each stream has its own. */
export function memoizedWhereLong<Item, Found>(find: (list: readonly Item[]) => Found): (list: readonly Item[]) => Found {
  const known = memoized(find);
  return (list) => (list.length < many ? find(list) : known(list));
}
