/**
 * Works something out of an object once, for as long as the object is there. A thousand streams of one group hold the same
 * maps and send the same lists: what one of them found, the others need not look for.
 * @param find must depend on the object alone, which must never change.
 */
export function sharedBy<Key extends object, Found>(find: (key: Key) => Found): (key: Key) => Found {
  const known = new WeakMap<Key, { readonly found: Found }>();
  return (key) => {
    let entry = known.get(key);
    if (!entry) {
      entry = { found: find(key) };
      known.set(key, entry);
    }
    return entry.found;
  };
}

/** The same for what is large and soon found again: it stays only as long as somebody uses it. */
export function sharedWhileUsed<Key extends object, Found extends object>(find: (key: Key) => Found): (key: Key) => Found {
  const known = sharedBy((_key: Key) => ({ reference: undefined as WeakRef<Found> | undefined }));
  return (key) => {
    const entry = known(key);
    let found = entry.reference?.deref();
    if (!found) {
      found = find(key);
      entry.reference = new WeakRef(found);
    }
    return found;
  };
}

/** The same as `sharedBy` for what depends on two objects. */
export function sharedByBoth<First extends object, Second extends object, Found>(
  find: (first: First, second: Second) => Found,
): (first: First, second: Second) => Found {
  const ofFirst = sharedBy((first: First) => sharedBy((second: Second) => find(first, second)));
  return (first, second) => ofFirst(first)(second);
}

/** From how many names on it is worth to look for what another stream has found. */
export const many = 32;

/** The same for lists, of which short ones are not worth to be remembered: each stream has its own. */
export function sharedByLength<Item, Found>(find: (list: readonly Item[]) => Found): (list: readonly Item[]) => Found {
  const shared = sharedBy(find);
  return (list) => (list.length < many ? find(list) : shared(list));
}
