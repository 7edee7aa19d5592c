import { type Diagnostic, diagnostic, placeOf } from '../diagnostic.ts';
import { kinds } from '../kind/index.ts';
import type { KindDefinition } from '../kind/kind.ts';
import { createObjectIndex } from './object-index.ts';
import { oldestFirst } from './object-list.ts';
import { addForm, keyText, type ObjectKey, type Sink, type SourceChange } from './sink.ts';
import type { Stored } from './stored.ts';
import type { StoreView } from './view.ts';

/** How far a source is. */
export interface SourceState {
  readonly name: string;
  /** Whether it has given its first full list. */
  readonly ready: boolean;
  /** How many objects it holds. */
  readonly objects: number;
  /** Kinds of it that may not be read. Undefined: there is none. */
  readonly unread?: readonly string[];
}

/** An object came (no `before`), changed, or went (no `after`). */
export interface StoreChange extends ObjectKey {
  readonly before?: Stored;
  readonly after?: Stored;
}

/** All objects of all sources, in memory; synchronous, without IO. */
export interface Store {
  /** The objects as they are now; the same view all the time. */
  readonly view: StoreView;
  /** The objects as they are at this moment, whatever becomes of them. */
  frozen(): StoreView;
  /** Where a source puts what it reads. @throws {Error} for a name that the store was not made with. */
  sink(source: string): Sink;
  /** Whether every source has listed. */
  isReady(): boolean;
  sources(): readonly SourceState[];
  /** Of all sources, and `DuplicateObject` where an object is written twice. */
  diagnostics(): readonly Diagnostic[];
  /** Told after each change, and with no changes when the last source became ready. Returns the function that ends it. */
  subscribe(listener: StoreListener): () => void;
}

/**
 * Told of the changes of one source at one moment.
 * @param isBulk whether objects may have gone that nobody meant to go: a list that got shorter, an emptied folder.
 */
type StoreListener = (changes: readonly StoreChange[], isBulk: boolean) => void;

/** What one source holds: of an object that it has several times, every form. */
interface Holding {
  ready: boolean;
  readonly objects: Map<string, readonly Stored[]>;
  diagnostics: readonly Diagnostic[];
}

/**
 * @param sourceNames in the order of precedence: an object that two sources have is taken from the first; one that a source
 * has twice is taken from its older place. The others are `DuplicateObject`.
 */
export function createStore(sourceNames: readonly string[]): Store {
  const holdings = new Map<string, Holding>(sourceNames.map((name) => [name, { ready: false, objects: new Map(), diagnostics: [] }]));
  const index = createObjectIndex();
  const duplicates = new Map<string, readonly Stored[]>();
  /** Forms that are not used since the one before them was good and they are not. */
  const refused = new Map<string, Diagnostic>();
  const listeners = new Set<StoreListener>();

  /** Chooses again which form of each object holds, and tells what that changed. */
  function settle(keys: Iterable<string>): readonly StoreChange[] {
    const changes: StoreChange[] = [];
    for (const key of keys) {
      const forms = [...holdings.values()].flatMap((holding) => [...(holding.objects.get(key) ?? [])].sort(oldestFirst));
      const [after, ...others] = forms;
      if (others.length > 0) duplicates.set(key, others);
      else duplicates.delete(key);
      const before = index.get(key);
      refused.delete(key);
      if (before === after) continue;
      const refusal = before && after && refusalOf(before, after);
      if (refusal) {
        refused.set(key, refusal);
        continue;
      }
      index.replace(key, before, after);
      const { kind, namespace, name } = (after ?? before) as Stored;
      changes.push({ kind, namespace, name, ...(before ? { before } : {}), ...(after ? { after } : {}) });
    }
    return changes;
  }

  function tell(changes: readonly StoreChange[], isBulk: boolean, force = false): void {
    if (changes.length > 0 || force) for (const listener of listeners) listener(changes, isBulk);
  }

  const isReady = (): boolean => [...holdings.values()].every((holding) => holding.ready);

  return {
    view: index.view,
    frozen: index.frozen,
    sink(source) {
      const holding = holdings.get(source);
      if (!holding) throw new Error(`the store knows no source ${source}`);
      return {
        list(objects) {
          const first = !holding.ready;
          const keys = new Set([...holding.objects.keys(), ...objects.map(keyText)]);
          holding.objects.clear();
          hold(holding, objects);
          holding.ready = true;
          tell(settle(keys), true, first && isReady());
        },
        change({ put, remove, isBulk = false }: SourceChange) {
          for (const key of remove) holding.objects.delete(keyText(key));
          for (const object of put) holding.objects.delete(keyText(object));
          hold(holding, put);
          tell(settle(new Set([...remove, ...put].map(keyText))), isBulk);
        },
        diagnostics(diagnostics) {
          holding.diagnostics = diagnostics;
        },
      };
    },
    isReady,
    sources: () =>
      [...holdings].map(([name, { ready, objects, diagnostics }]) => {
        const unread = diagnostics.flatMap(({ code, at }) => (code === 'KindForbidden' ? (at.object ?? []) : []));
        return { name, ready, objects: objects.size, ...(unread.length > 0 && { unread }) };
      }),
    diagnostics: () => [
      ...[...holdings.values()].flatMap((holding) => holding.diagnostics),
      ...refused.values(),
      ...[...duplicates].flatMap(([key, others]) => describe(index.get(key), others)),
    ],
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Adds objects to what a source holds; an object that comes several times is held in every form. */
function hold({ objects }: Holding, added: readonly Stored[]): void {
  for (const object of added) addForm(objects, object);
}

/** Why the last good form of an object stays in use instead of a new one. Undefined: the new one is as good as it was. */
function refusalOf(before: Stored, after: Stored): Diagnostic | undefined {
  const problemOf = (stored: Stored) => (kinds[stored.kind] as KindDefinition).problem?.(stored.object);
  const found = problemOf(after);
  if (!found || problemOf(before)) return undefined;
  const message = `The ${after.kind} ${found.problem}; its last good form stays in use.`;
  return diagnostic('InvalidForm', after.origin(found.field), message, 'Mend it, or delete it where it is to go.');
}

function describe(used: Stored | undefined, others: readonly Stored[]): readonly Diagnostic[] {
  return others.map((other) => {
    const elsewhere = used ? placeOf(used.origin()) : '';
    const message = `${other.origin().object ?? other.name} is written twice; the one at ${elsewhere} is used, this one is not.`;
    return diagnostic('DuplicateObject', other.origin(), message, 'Remove one of the two or give it another name.');
  });
}

/** A view of some objects that will not change, for offline commands and tests. */
export function storeViewOf(objects: readonly Stored[]): { readonly view: StoreView; readonly diagnostics: readonly Diagnostic[] } {
  const store = createStore(['objects']);
  store.sink('objects').list(objects);
  return { view: store.view, diagnostics: store.diagnostics() };
}
