import { addForm, keyText, type Sink } from '../store/sink.ts';
import type { Stored } from '../store/stored.ts';
import type { Source } from './source.ts';

/** What other sources hold, for one that reads only what something refers to. */
export interface ObjectsBeside {
  /** The same source; what it tells is known here too. To be called before any of them runs. */
  heard(source: Source): Source;
  /** Resolves when all of them have listed; at once where there are none. */
  readonly listed: Promise<unknown>;
  /** Told of each object that they hold, and then of each that comes, changes or goes. */
  follow(listener: BesideListener): void;
}

/** @param id of an object in its source, other than those of all other objects. @param forms as it is written there, once or several times; empty: it is gone. */
type BesideListener = (id: string, forms: readonly Stored[]) => void;

/** Nothing is known yet. */
export function createObjectsBeside(): ObjectsBeside {
  const lists: Promise<void>[] = [];
  const holdings: Map<string, readonly Stored[]>[] = [];
  const listeners: BesideListener[] = [];

  function heard(source: Source): Source {
    const { promise, resolve } = Promise.withResolvers<void>();
    lists.push(promise);
    const held = new Map<string, readonly Stored[]>();
    holdings.push(held);
    const set = (id: string, forms: readonly Stored[]): void => {
      if (forms.length > 0) held.set(id, forms);
      else held.delete(id);
      for (const listener of listeners) listener(id, forms);
    };
    const formsOf = (objects: readonly Stored[]): ReadonlyMap<string, readonly Stored[]> => {
      const forms = new Map<string, readonly Stored[]>();
      for (const object of objects) addForm(forms, object);
      return new Map([...forms].map(([key, each]) => [`${source.name} ${key}`, each]));
    };
    const through = (sink: Sink): Sink => ({
      ...sink,
      list(objects) {
        const now = formsOf(objects);
        for (const id of [...held.keys()]) if (!now.has(id)) set(id, []);
        for (const [id, forms] of now) set(id, forms);
        sink.list(objects);
        resolve();
      },
      change(change) {
        for (const key of change.remove) set(`${source.name} ${keyText(key)}`, []);
        for (const [id, forms] of formsOf(change.put)) set(id, forms);
        sink.change(change);
      },
    });
    return { ...source, run: (sink, signal) => source.run(through(sink), signal) };
  }

  return {
    heard,
    get listed() {
      return Promise.all(lists);
    },
    follow(listener) {
      for (const held of holdings) for (const [id, forms] of held) listener(id, forms);
      listeners.push(listener);
    },
  };
}
