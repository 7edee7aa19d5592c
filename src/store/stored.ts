import type { Origin } from '../diagnostic.ts';
import type { Kind, ObjectOf } from '../kind/index.ts';

/** Steps from an object to one of its fields: `['spec', 'rules', 0, 'matches']`. */
export type FieldPath = readonly (string | number)[];

/** An object as a source read it: valid by the schema of its kind, otherwise untouched, with its origin. */
export type Stored<K extends Kind = Kind> = { [Each in K]: StoredOf<Each> }[K];

interface StoredOf<K extends Kind> {
  readonly kind: K;
  /** `''` for kinds without namespace; an object written without one is in `default`. */
  readonly namespace: string;
  readonly name: string;
  readonly object: ObjectOf<K>;
  /** Sorts before that of any younger object: creation time, then path and number of the document, of a cluster `NAMESPACE/NAME`. "Oldest wins" compares these. */
  readonly age: string;
  /**
   * Where the object, or one of its fields, is written. For files it parses the document's text again when first asked,
   * so that a healthy object keeps no positions in memory. A path that is not there gives the nearest parent.
   */
  origin(path?: FieldPath): Origin;
}
