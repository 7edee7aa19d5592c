import { keyText, type ObjectKey, type SourceChange } from '../store/sink.ts';
import type { Stored } from '../store/stored.ts';

type Objects = ReadonlyMap<string, readonly Stored[]>;

/** The objects of all files together: which file has which, and what changed since that was last told. */
export interface FileSet {
  /** Replaces what a file holds, by key. An empty map: the file is gone. */
  put(path: string, objects: Objects): void;
  /**
   * A file that is away counts only for objects that no other file has: one that is renamed is seen at its new place at once,
   * before it is sure that the old place stays empty.
   */
  setAway(path: string, isAway: boolean): void;
  /** Every object in every form that counts. */
  all(): readonly Stored[];
  /**
   * What changed since the last call; undefined: nothing. An object in several files is told in all its forms. In bulk are
   * removals from several files, and those that leave nothing: what people do they do to single files.
   */
  takeChange(): SourceChange | undefined;
}

/** Starts without any file. */
export function createFileSet(): FileSet {
  const files = new Map<string, Objects>();
  const away = new Set<string>();
  /** The files that have an object: nearly always one. */
  const holders = new Map<string, readonly string[]>();
  const touched = new Map<string, ObjectKey>();
  /** The file that each object went from last. */
  const leftFrom = new Map<string, string>();

  function formsOf(key: string): readonly Stored[] {
    const paths = holders.get(key) ?? [];
    const present = paths.filter((path) => !away.has(path));
    return (present.length > 0 ? present : paths).flatMap((path) => files.get(path)?.get(key) ?? []);
  }

  function touch(forms: readonly Stored[]): void {
    for (const { kind, namespace, name } of forms.slice(0, 1)) touched.set(keyText({ kind, namespace, name }), { kind, namespace, name });
  }

  return {
    put(path, objects) {
      const before = files.get(path);
      for (const [key, forms] of before ?? []) {
        if (isSame(forms, objects.get(key))) continue;
        touch(forms);
        if (!objects.has(key)) {
          const paths = (holders.get(key) ?? []).filter((other) => other !== path);
          if (paths.length === 0) holders.delete(key);
          else holders.set(key, paths);
          leftFrom.set(key, path);
        }
      }
      for (const [key, forms] of objects) {
        if (isSame(forms, before?.get(key))) continue;
        touch(forms);
        const paths = holders.get(key) ?? [];
        if (!paths.includes(path)) holders.set(key, paths.concat(path));
      }
      if (objects.size > 0) files.set(path, objects);
      else files.delete(path);
    },
    setAway(path, isAway) {
      if (away.has(path) === isAway) return;
      if (isAway) away.add(path);
      else away.delete(path);
      for (const forms of files.get(path)?.values() ?? []) touch(forms);
    },
    all: () => [...holders.keys()].flatMap(formsOf),
    takeChange() {
      if (touched.size === 0) return undefined;
      const put = [...touched.keys()].flatMap(formsOf);
      const removed = [...touched].filter(([key]) => !holders.has(key));
      const isBulk = removed.length > 0 && (holders.size === 0 || new Set(removed.map(([key]) => leftFrom.get(key))).size > 1);
      touched.clear();
      leftFrom.clear();
      return { put, remove: removed.map(([, key]) => key), isBulk };
    },
  };
}

function isSame(a: readonly Stored[], b: readonly Stored[] | undefined): boolean {
  return a.length === b?.length && a.every((form, index) => form === b[index]);
}
