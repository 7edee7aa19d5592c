import type { Diagnostic } from '../diagnostic.ts';
import type { Stored } from './stored.ts';

/** An object by name; `namespace` is `''` for kinds without one. */
export interface ObjectKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Text form of a key. Neither kinds nor names hold a slash. */
export function keyText({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

/** Adds an object to others, each key with all of its forms. */
export function addForm(objects: Map<string, readonly Stored[]>, form: Stored): void {
  const key = keyText(form);
  // A list that is spread has room for a dozen more, which thousands of objects of one form never need.
  objects.set(key, objects.get(key)?.concat(form) ?? [form]);
}

/** What a source tells of a change. */
export interface SourceChange {
  readonly put: readonly Stored[];
  readonly remove: readonly ObjectKey[];
  /** Whether objects went that nobody need have meant, as when a folder is emptied. Undefined: each object was told by an event of its own. */
  readonly isBulk?: boolean;
  /** When the source first heard of it, by `Clock.steady`; undefined: now. */
  readonly heardAt?: number;
}

/** Where a source puts what it reads. All calls are synchronous and never throw. */
export interface Sink {
  /**
   * The whole state of the source; whatever it held before and is missing here is gone, in bulk: nobody said so of each.
   * The first call makes the source ready.
   */
  list(objects: readonly Stored[]): void;
  /** Single objects came, changed or went. Only after the first `list`. */
  change(change: SourceChange): void;
  /** All diagnostics of the source itself (unreadable documents, a folder that vanished), replacing the ones told before. */
  diagnostics(diagnostics: readonly Diagnostic[]): void;
}
