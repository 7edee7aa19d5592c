import type { Origin } from '../diagnostic.ts';
import type { FieldPath } from '../store/stored.ts';
import type { YamlDocument } from './yaml.ts';

/**
 * The origin of a field in a file. Its line and column are looked up when first read: every rebuild asks for the origins of
 * healthy objects by the thousand, and hardly any of them is ever shown. A class, since getters of their own would make each
 * take half a kilobyte.
 */
class FileOrigin implements Origin {
  declare readonly object?: string;
  declare readonly field?: string;
  readonly file: string;
  readonly #locate: YamlDocument['locate'];
  readonly #path: FieldPath;
  #position: { readonly line: number; readonly column: number } | undefined;

  constructor(file: string, locate: YamlDocument['locate'], path: FieldPath, known: Pick<Origin, 'object' | 'field'>) {
    Object.assign(this, known);
    this.file = file;
    this.#locate = locate;
    this.#path = path;
  }

  get line(): number {
    return this.#found().line;
  }

  get column(): number {
    return this.#found().column;
  }

  /** The position counts, wherever an origin is printed. */
  toJSON(): Origin {
    const { file: _, ...known }: Origin = this;
    return { ...known, file: this.file, line: this.line, column: this.column };
  }

  #found(): { readonly line: number; readonly column: number } {
    this.#position ??= this.#locate(this.#path);
    return this.#position;
  }
}

/** @param locate finds the place of a field in the document. */
export function fileOrigin(file: string, locate: YamlDocument['locate'], path: FieldPath, known: Pick<Origin, 'object' | 'field'>): Origin {
  return new FileOrigin(file, locate, path, known);
}
