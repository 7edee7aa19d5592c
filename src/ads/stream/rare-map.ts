const none: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * A map of names that is empty on nearly every stream for nearly all of its life: it has a table only while there is something
 * in it. An empty `Map` takes some 180 bytes, and a stream has about thirty of these.
 */
export class RareMap<Value> {
  #entries: Map<string, Value> | undefined;

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  get(name: string): Value | undefined {
    return this.#entries?.get(name);
  }

  has(name: string): boolean {
    return this.#entries?.has(name) ?? false;
  }

  set(name: string, value: Value): void {
    this.#entries ??= new Map();
    this.#entries.set(name, value);
  }

  /** Whether there was an entry of this name. */
  delete(name: string): boolean {
    const wasThere = this.#entries?.delete(name) ?? false;
    if (this.#entries?.size === 0) this.#entries = undefined;
    return wasThere;
  }

  clear(): void {
    this.#entries = undefined;
  }

  keys(): MapIterator<string> {
    return this.#all().keys();
  }

  values(): MapIterator<Value> {
    return this.#all().values();
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.#all()[Symbol.iterator]();
  }

  #all(): ReadonlyMap<string, Value> {
    return this.#entries ?? none;
  }
}
