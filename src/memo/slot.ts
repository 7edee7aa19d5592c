/** What is remembered of each object: one value an object, for as long as the object lives. */
export interface Slot<Key extends object, Value> {
  get(key: Key): Value | undefined;
  has(key: Key): boolean;
  set(key: Key, value: Value): void;
}

/** Makes the object that it is given, so that a class made from it puts its private field there. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is how a private field is put into an object that is there already.
    return object;
  }
}

/**
 * Makes a slot in objects that are there already. It does what a WeakMap does, but the values lie in the objects, in a private field, where
 * nothing else sees them: what a WeakMap holds is found by a collection of garbage only after all else, while nothing else runs.
 * Make one when a program starts, not now and then: values go with their objects, not with the slot.
 * @see docs/decisions/0069-slots-in-objects.md
 */
export function createSlot<Key extends object, Value>(): Slot<Key, Value> {
  class Cell extends Given {
    #value: Value;

    constructor(key: Key, value: Value) {
      super(key);
      this.#value = value;
    }

    static read(key: Key): Value | undefined {
      return #value in key ? key.#value : undefined;
    }

    static isIn(key: Key): boolean {
      return #value in key;
    }

    static write(key: Key, value: Value): void {
      if (#value in key) key.#value = value;
      else new Cell(key, value);
    }
  }
  return { get: Cell.read, has: Cell.isIn, set: Cell.write };
}
