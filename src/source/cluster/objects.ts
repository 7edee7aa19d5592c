import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../diagnostic.ts';
import { keyText, type ObjectKey, type Sink } from '../../store/sink.ts';
import type { Stored } from '../../store/stored.ts';
import type { ReadObject } from './read-object.ts';
import { referencesOf } from './references.ts';

/** A change of what is in a cluster. */
interface ClusterChange {
  readonly put: readonly ReadObject[];
  readonly remove: readonly ObjectKey[];
  /** Whether objects are missing from a list, of which no event told. */
  readonly isBulk: boolean;
  /** By `Clock.steady`. Undefined: now. */
  readonly heardAt?: number;
}

export interface ClusterObjectsOptions {
  readonly sink: Sink;
  /** Reads a Secret or a ConfigMap; undefined: it is not there, or may not be read. Tries until the signal of the source aborts. */
  readonly load: (key: ObjectKey) => Promise<ReadObject | undefined>;
  /** Objects that are read whatever refers to them. */
  readonly always: (key: ObjectKey) => boolean;
}

/** What was read of a cluster. */
export interface ClusterObjects {
  /** Objects of kinds that are read as they are. An object that refers to a Secret which was not read yet is told when it was. */
  change(change: ClusterChange): void;
  /** Secrets and ConfigMaps that came or changed, and that are gone. Those that are referred to are read. */
  names(change: { readonly put: readonly ObjectKey[]; readonly remove: readonly ObjectKey[]; readonly isBulk: boolean }): void;
  /** Reads a Secret or a ConfigMap once more, which could not be read. @returns false: it is gone, or nothing refers to it any more. */
  again(key: ObjectKey): boolean;
  /** What an object of another source refers to: `id` is none of this one. Empty: nothing any more. */
  refer(id: string, next: readonly ObjectKey[]): void;
  /** Everything was read once: reads what is referred to, then lists. */
  list(): Promise<void>;
  hasListed(): boolean;
  /** Of single objects. */
  diagnostics(): readonly Diagnostic[];
}

/** Nothing is read yet. @param onDiagnostics told when what `diagnostics` gives may be other. */
export function createClusterObjects({ sink, load, always }: ClusterObjectsOptions, onDiagnostics: () => void): ClusterObjects {
  const objects = new Map<string, Stored>();
  const diagnostics = new Map<string, readonly Diagnostic[]>();
  /** Of every object that has some. */
  const references = new Map<string, readonly ObjectKey[]>();
  const referrers = new Map<string, number>();
  /** Every Secret and ConfigMap of the cluster. */
  const known = new Map<string, ObjectKey>();
  /** Those that are being read; true: they changed meanwhile. */
  const loading = new Map<string, boolean>();
  /** Those that were read and are used, or cannot be. */
  const loaded = new Set<string>();
  /** Objects that wait for what they refer to. */
  const waiting = new Map<string, { readonly object: ReadObject; readonly missing: readonly ObjectKey[] }>();
  let hasListed = false;

  const isWanted = (key: ObjectKey): boolean => always(key) || (referrers.get(keyText(key)) ?? 0) > 0;

  function setReferences(id: string, next: readonly ObjectKey[]): readonly ObjectKey[] {
    const before = references.get(id) ?? [];
    for (const key of next) referrers.set(keyText(key), (referrers.get(keyText(key)) ?? 0) + 1);
    for (const key of before) referrers.set(keyText(key), (referrers.get(keyText(key)) ?? 0) - 1);
    if (next.length > 0) references.set(id, next);
    else references.delete(id);
    return before.filter((key) => !isWanted(key));
  }

  /** Keeps an object as it is now. @returns its form where that is another one. */
  function keep({ key, stored, diagnostics: told }: ReadObject): { readonly changed?: Stored; readonly unwanted: readonly ObjectKey[] } {
    const id = keyText(key);
    if (told.length > 0 || diagnostics.has(id)) onDiagnostics();
    if (told.length > 0) diagnostics.set(id, told);
    else diagnostics.delete(id);
    const before = objects.get(id);
    // What is not valid leaves its last good form in use.
    if (!stored || (before && isDeepStrictEqual(before.object, stored.object))) return { unwanted: [] };
    objects.set(id, stored);
    return { changed: stored, unwanted: setReferences(id, referencesOf(stored)) };
  }

  function drop(key: ObjectKey): readonly ObjectKey[] {
    const id = keyText(key);
    if (diagnostics.delete(id)) onDiagnostics();
    objects.delete(id);
    waiting.delete(id);
    loaded.delete(id);
    return setReferences(id, []);
  }

  /** Keeps and tells. @param unwanted what something else no longer refers to. */
  function commit({ put, remove, isBulk, heardAt }: ClusterChange, unwanted: ObjectKey[] = []): void {
    const changed: Stored[] = [];
    for (const object of put) {
      const kept = keep(object);
      if (kept.changed) changed.push(kept.changed);
      unwanted.push(...kept.unwanted);
    }
    const gone = remove.filter((key) => objects.has(keyText(key)));
    for (const key of remove) unwanted.push(...drop(key));
    const dropped = unwanted.filter((key) => !isWanted(key) && objects.has(keyText(key)));
    for (const key of unwanted) if (!isWanted(key)) drop(key);
    // A setting of ingress-nginx may name others.
    for (const stored of changed) for (const key of referencesOf(stored)) void read(key);
    if (!hasListed || changed.length + gone.length + dropped.length === 0) return;
    sink.change({ put: changed, remove: [...gone, ...dropped], isBulk: isBulk && gone.length > 0, ...(heardAt === undefined ? {} : { heardAt }) });
  }

  const isToRead = (key: ObjectKey): boolean => known.has(keyText(key)) && !loaded.has(keyText(key));

  /** Reads a Secret or ConfigMap that is there and was not read. */
  async function read(key: ObjectKey): Promise<void> {
    const id = keyText(key);
    if (!hasListed || !isToRead(key) || loading.has(id)) return;
    await readAgain(key);
    release();
  }

  async function readAgain(key: ObjectKey): Promise<void> {
    const id = keyText(key);
    let object: ReadObject | undefined;
    do {
      loading.set(id, false);
      object = await load(key);
    } while (loading.get(id));
    loading.delete(id);
    if (!known.has(id) || !(isWanted(key) || isWaitedFor(key))) return;
    loaded.add(id);
    if (object) commit({ put: [object], remove: [], isBulk: false });
  }

  function isWaitedFor(key: ObjectKey): boolean {
    const id = keyText(key);
    return [...waiting.values()].some(({ missing }) => missing.some((one) => keyText(one) === id));
  }

  /** Tells the objects that wait for nothing any more. */
  function release(): void {
    const ready = [...waiting].filter(([, { missing }]) => !missing.some(isToRead));
    for (const [id] of ready) waiting.delete(id);
    if (ready.length > 0) commit({ put: ready.map(([, { object }]) => object), remove: [], isBulk: false });
  }

  return {
    change(change) {
      if (!hasListed) {
        commit(change);
        return;
      }
      const now: ReadObject[] = [];
      for (const object of change.put) {
        const id = keyText(object.key);
        const missing = object.stored ? referencesOf(object.stored).filter(isToRead) : [];
        if (missing.length > 0) waiting.set(id, { object, missing });
        else {
          waiting.delete(id);
          now.push(object);
        }
        for (const key of missing) void read(key);
      }
      commit({ ...change, put: now });
    },
    names({ put, remove, isBulk }) {
      for (const key of put) {
        const id = keyText(key);
        known.set(id, key);
        if (loading.has(id)) loading.set(id, true);
        else if (isWanted(key) || isWaitedFor(key)) {
          // Before the first list, that reads it again.
          loaded.delete(id);
          void read(key);
        }
      }
      for (const key of remove) known.delete(keyText(key));
      commit({ put: [], remove, isBulk });
      release();
    },
    again(key) {
      if (!known.has(keyText(key)) || !isWanted(key)) return false;
      loaded.delete(keyText(key));
      void read(key);
      return true;
    },
    refer(id, next) {
      commit({ put: [], remove: [], isBulk: false }, [...setReferences(id, next)]);
      for (const key of next) void read(key);
    },
    async list() {
      for (let wanted = wantedNow(); wanted.length > 0; wanted = wantedNow()) await Promise.all(wanted.map(readAgain));
      hasListed = true;
      sink.list([...objects.values()]);
    },
    hasListed: () => hasListed,
    diagnostics: () => [...diagnostics.values()].flat(),
  };

  function wantedNow(): readonly ObjectKey[] {
    return [...known.values()].filter((key) => isToRead(key) && isWanted(key));
  }
}
