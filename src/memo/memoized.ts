import { createSlot } from './slot.ts';

/**
 * Works something out of an object once, for as long as the object is there: whoever asks again gets what was found.
 * @param find must depend on the object alone, which must never change.
 */
export function memoized<Key extends object, Found>(find: (key: Key) => Found): (key: Key) => Found {
  const known = createSlot<Key, Found>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined || known.has(key)) return before as Found;
    const found = find(key);
    known.set(key, found);
    return found;
  };
}

/** The same for what is large and soon found again: it stays only as long as somebody uses it. */
export function memoizedWhileUsed<Key extends object, Found extends object>(find: (key: Key) => Found): (key: Key) => Found {
  const known = createSlot<Key, WeakRef<Found>>();
  return (key) => {
    const before = known.get(key)?.deref();
    if (before) return before;
    const found = find(key);
    known.set(key, new WeakRef(found));
    return found;
  };
}

/** The same as `memoized` for what depends on two objects. It goes when the first of them goes. */
export function memoizedByBoth<First extends object, Second extends object, Found>(
  find: (first: First, second: Second) => Found,
): (first: First, second: Second) => Found {
  const ofFirst = memoized((_first: First) => new WeakMap<Second, { readonly found: Found }>());
  return (first, second) => {
    const bySecond = ofFirst(first);
    const known = bySecond.get(second) ?? { found: find(first, second) };
    bySecond.set(second, known);
    return known.found;
  };
}
