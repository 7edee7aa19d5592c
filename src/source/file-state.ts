import type { Diagnostic } from '../diagnostic.ts';
import { addForm, keyText } from '../store/sink.ts';
import type { Stored } from '../store/stored.ts';
import type { ReadDocument } from './file-document.ts';

/** What a file stands for now: its text, and what stays from before where the text is broken. */
export interface FileState {
  readonly documents: readonly ReadDocument[];
  /** Objects in force by their key, each in every form that the file gives. */
  readonly objects: ReadonlyMap<string, readonly Stored[]>;
  /** Of the file as a whole and of its documents. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether an object stays only because the file may still be being written. */
  readonly isUnsettled: boolean;
}

/**
 * The state of a file whose text was read. An object stays in its last good form while its document is invalid; every object
 * that is missing stays while a document cannot be read at all, as it may be the one that is missing.
 * @param before undefined: the file is new.
 * @param settled false: the file changed in place and may still be being written, so that a missing object is not believed.
 */
export function fileState(before: FileState | undefined, documents: readonly ReadDocument[], settled: boolean): FileState {
  const objects = new Map<string, readonly Stored[]>();
  const invalid = new Set<string>();
  let hasUnreadable = false;
  for (const { problem, results } of documents) {
    if (problem) hasUnreadable = true;
    for (const { stored, key, isForeign } of results) {
      if (stored) addForm(objects, stored);
      else if (key) invalid.add(keyText(key));
      else if (!isForeign) hasUnreadable = true;
    }
  }
  let isUnsettled = false;
  const merged = new Map<string, readonly Stored[]>(objects);
  for (const [key, forms] of before?.objects ?? []) {
    if (merged.has(key)) continue;
    if (hasUnreadable || invalid.has(key)) {
      merged.set(key, forms);
    } else if (!settled) {
      merged.set(key, forms);
      isUnsettled = true;
    }
  }
  const diagnostics = documents.flatMap(({ problem, results }) => [...(problem ? [problem] : []), ...results.flatMap((result) => result.diagnostics)]);
  return { documents, objects: merged, diagnostics, isUnsettled };
}

/** The state of a file that cannot be read: everything that it held stays. */
export function unreadableFileState(before: FileState | undefined, problem: Diagnostic): FileState {
  return { documents: before?.documents ?? [], objects: before?.objects ?? new Map(), diagnostics: [problem], isUnsettled: false };
}
