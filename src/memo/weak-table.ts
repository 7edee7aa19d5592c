import { createSlot } from './slot.ts';

/** A row of one cell. */
class Only<Key, Cell> {
  readonly key: Key;
  readonly cell: Cell;

  constructor(key: Key, cell: Cell) {
    this.key = key;
    this.cell = cell;
  }
}

/**
 * What was made for an object and a key beside it, for as long as the object lives. Nearly all objects have one key: these take no map
 * of their own, of which a server with thousands of routes has tens of thousands.
 */
export class WeakTable<Row extends object, Key, Cell> {
  readonly #rows = createSlot<Row, Only<Key, Cell> | Map<Key, Cell>>();

  get(row: Row, key: Key): Cell | undefined {
    const found = this.#rows.get(row);
    if (found instanceof Map) return found.get(key);
    return found?.key === key ? found.cell : undefined;
  }

  set(row: Row, key: Key, cell: Cell): void {
    const found = this.#rows.get(row);
    if (found instanceof Map) found.set(key, cell);
    else if (found === undefined || found.key === key) this.#rows.set(row, new Only(key, cell));
    else
      this.#rows.set(
        row,
        new Map([
          [found.key, found.cell],
          [key, cell],
        ]),
      );
  }

  /** What is known, else what `make` gives, from now on. */
  getOrMake(row: Row, key: Key, make: () => Cell): Cell {
    const known = this.get(row, key);
    if (known !== undefined) return known;
    const made = make();
    this.set(row, key, made);
    return made;
  }
}
