import { memoized, memoizedByBoth } from '../../memo/memoized.ts';
import { PatchedMap } from '../../revision/patched-map.ts';

/** 64 bits in two halves. Sums of entries are equal where the entries are, whatever their order. */
interface Sum {
  readonly high: number;
  readonly low: number;
}

/** That of all entries of a map, with the version that it gives: many streams come to hold the same map, and tell it. */
interface WholeSum extends Sum {
  readonly version: string;
}

/** How the entries of a kind of map are told apart. */
interface EntryKind<Value> {
  hashOf(name: string, value: Value): Sum;
  /** The sum of all entries of a map that never changes. */
  sumOf(map: ReadonlyMap<string, Value>): WholeSum;
}

/** Makes a kind of map of the hash of an entry. Undefined values do not occur. */
export function entryKind<Value>(hashOf: (name: string, value: Value) => Sum): EntryKind<Value> {
  const sumOf = memoized((map: ReadonlyMap<string, Value>): WholeSum => {
    const isPatched = map instanceof PatchedMap;
    let { high, low } = isPatched ? sumOf(map.base as ReadonlyMap<string, Value>) : { high: 0, low: 0 };
    const add = (name: string, value: Value): void => {
      const hash = hashOf(name, value);
      high ^= hash.high;
      low ^= hash.low;
    };
    for (const [name, value] of isPatched ? (map.own as ReadonlyMap<string, Value>) : map) {
      const replaced = isPatched ? (map.base as ReadonlyMap<string, Value>).get(name) : undefined;
      if (replaced !== undefined) add(name, replaced);
      add(name, value);
    }
    return { high, low, version: versionOf({ high, low }) };
  });
  return { hashOf, sumOf };
}

const hexadecimal = (half: number): string => (half >>> 0).toString(16).padStart(8, '0');

const versionOf = ({ high, low }: Sum): string => hexadecimal(high) + hexadecimal(low);

const empty = new Map<string, never>();

/** From how many entries of its own on a map is made whole again, beyond a quarter of what it shares. */
const mostOwn = 64;

/**
 * A map that shares most of its entries with others: a base that never changes, which many hold, and what differs from it. The
 * streams of a group come to hold the same again and again; a map that has come there takes the base of the others in the place
 * of its own entries, so that a settled stream has next to nothing of its own.
 */
export class LayeredMap<Value> {
  readonly #kind: EntryKind<Value>;
  #base: ReadonlyMap<string, Value> = empty as ReadonlyMap<string, Value>;
  /** Undefined values are entries of the base that are gone. */
  #own: Map<string, Value | undefined> | undefined;
  /** Whether another map holds the same `#own`. */
  #isOwnShared = false;
  #size = 0;
  #high = 0;
  #low = 0;

  constructor(kind: EntryKind<Value>) {
    this.#kind = kind;
  }

  get size(): number {
    return this.#size;
  }

  /** The map that holds all entries, where there is one: this one has no entries of its own. */
  get base(): ReadonlyMap<string, Value> | undefined {
    return this.#own ? undefined : this.#base;
  }

  get(name: string): Value | undefined {
    return this.#own?.has(name) ? this.#own.get(name) : this.#base.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *entries(): Generator<[string, Value]> {
    for (const entry of this.#base) if (!this.#own?.has(entry[0])) yield entry;
    for (const [name, value] of this.#own ?? []) if (value !== undefined) yield [name, value];
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }

  /** Names and values in one number: equal maps have equal versions, on every replica and after every restart. */
  version(): string {
    return this.#own ? versionOf({ high: this.#high, low: this.#low }) : this.#kind.sumOf(this.#base).version;
  }

  set(name: string, value: Value): void {
    const before = this.get(name);
    if (before === undefined) this.#size += 1;
    else this.#add(name, before);
    this.#add(name, value);
    this.#write().set(name, value);
    this.#flatten();
  }

  /** Whether there was an entry of this name. */
  delete(name: string): boolean {
    const before = this.get(name);
    if (before === undefined) return false;
    this.#size -= 1;
    this.#add(name, before);
    if (this.#base.has(name)) this.#write().set(name, undefined);
    else this.#write().delete(name);
    this.#flatten();
    return true;
  }

  /** Sets all entries of a map that never changes. Maps with the same base that take the same entries share the result. */
  setAll(entries: ReadonlyMap<string, Value>): void {
    if (this.#own) for (const [name, value] of entries) this.set(name, value);
    else this.#stand(this.#size === 0 ? entries : (merged(this.#base as ReadonlyMap<string, unknown>, entries) as ReadonlyMap<string, Value>));
  }

  /** Deletes all names of a map that never changes; the result is shared in the same way. */
  deleteAll(names: ReadonlyMap<string, unknown>): void {
    if (this.#own) for (const name of names.keys()) this.delete(name);
    else if (this.#size > 0) this.#stand(without(this.#base, names) as ReadonlyMap<string, Value>);
  }

  /** Takes a map in the place of its own entries where they are equal. */
  settle(map: ReadonlyMap<string, Value>): void {
    if (this.#size !== map.size || this.base === map) return;
    const { high, low } = this.#kind.sumOf(map);
    if (this.#high === high && this.#low === low) this.#stand(map);
  }

  /** The map as it is now, at no cost. */
  copy(): LayeredMap<Value> {
    const copy = new LayeredMap(this.#kind);
    copy.#base = this.#base;
    copy.#own = this.#own;
    copy.#size = this.#size;
    copy.#high = this.#high;
    copy.#low = this.#low;
    copy.#isOwnShared = true;
    this.#isOwnShared = true;
    return copy;
  }

  #stand(map: ReadonlyMap<string, Value>): void {
    this.#base = map;
    this.#own = undefined;
    this.#size = map.size;
    ({ high: this.#high, low: this.#low } = this.#kind.sumOf(map));
  }

  #add(name: string, value: Value): void {
    const { high, low } = this.#kind.hashOf(name, value);
    this.#high ^= high;
    this.#low ^= low;
  }

  #write(): Map<string, Value | undefined> {
    if (!this.#own || this.#isOwnShared) this.#own = new Map(this.#own);
    this.#isOwnShared = false;
    return this.#own;
  }

  #flatten(): void {
    if (!this.#own || this.#own.size <= mostOwn + this.#base.size / 4) return;
    this.#base = new Map(this.entries());
    this.#own = undefined;
  }
}

const merged = memoizedByBoth((base: ReadonlyMap<string, unknown>, more: ReadonlyMap<string, unknown>) => new Map([...base, ...more]));

/** A map without some names; itself where it has none of them. The same for all who hold it. */
export const without = memoizedByBoth(
  (base: ReadonlyMap<string, unknown>, names: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> =>
    [...names.keys()].some((name) => base.has(name)) ? new Map([...base].filter(([name]) => !names.has(name))) : base,
);
