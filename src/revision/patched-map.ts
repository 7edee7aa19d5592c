/** From how many entries of its own on a map is made whole: what a copy of these costs every time, against a whole copy now and then. */
const mostOwn = 128;

/**
 * A map that never changes and has nearly all entries from another one that never changes: one endpoint of thousands costs its
 * own entry, not a copy of all.
 */
export class PatchedMap<Value> implements ReadonlyMap<string, Value> {
  /** Where all entries are that `own` does not have. Never a patched map itself. */
  readonly base: ReadonlyMap<string, Value>;
  /** Entries that are new, or stand in the place of those of the base. */
  readonly own: ReadonlyMap<string, Value>;
  readonly size: number;

  constructor(base: ReadonlyMap<string, Value>, own: ReadonlyMap<string, Value>) {
    this.base = base;
    this.own = own;
    let size = base.size;
    for (const name of own.keys()) if (!base.has(name)) size += 1;
    this.size = size;
  }

  get(name: string): Value | undefined {
    return this.own.has(name) ? this.own.get(name) : this.base.get(name);
  }

  has(name: string): boolean {
    return this.own.has(name) || this.base.has(name);
  }

  /** In the order of the base, then what is new. */
  *entries(): MapIterator<[string, Value]> {
    for (const [name, value] of this.base) yield [name, this.own.has(name) ? (this.own.get(name) as Value) : value];
    for (const entry of this.own) if (!this.base.has(entry[0])) yield entry;
  }

  *keys(): MapIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(tell: (value: Value, name: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [name, value] of this.entries()) tell(value, name, this);
  }
}

/** The map with other entries. Neither is changed. */
export function patched<Value>(map: ReadonlyMap<string, Value>, entries: Iterable<readonly [string, Value]>): ReadonlyMap<string, Value> {
  const own = new Map(map instanceof PatchedMap ? (map.own as ReadonlyMap<string, Value>) : []);
  for (const [name, value] of entries) own.set(name, value);
  const next = new PatchedMap<Value>(baseOf(map), own);
  return own.size > mostOwn ? new Map(next) : next;
}

/** Names of entries that may differ between two maps: where they share a base, only those that one of them has of its own. */
export function namesThatMayDiffer<Value>(before: ReadonlyMap<string, Value>, after: ReadonlyMap<string, Value>): ReadonlySet<string> {
  if (before === after) return new Set();
  if (baseOf(before) === baseOf(after)) return new Set([...ownNames(before), ...ownNames(after)]);
  return new Set([...before.keys(), ...after.keys()]);
}

function baseOf<Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  return map instanceof PatchedMap ? (map.base as ReadonlyMap<string, Value>) : map;
}

function ownNames<Value>(map: ReadonlyMap<string, Value>): Iterable<string> {
  return map instanceof PatchedMap ? map.own.keys() : [];
}
