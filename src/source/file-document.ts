import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import type { FieldPath } from '../store/stored.ts';
import { type ReadFrom, type Validated, validate } from '../store/validate.ts';
import { fileOrigin } from './file-origin.ts';
import { type DocumentText, readDocument, type YamlDocument } from './yaml.ts';

/** One document of a file, read. */
export interface ReadDocument extends DocumentText {
  /** What became of its objects; empty where it cannot be read. */
  readonly results: readonly Validated[];
  /** Why it cannot be read: `FileTooLarge` or `UnreadableYaml`. */
  readonly problem?: Diagnostic;
}

/** Where the objects of a document are written. A class, as functions of their own would take three times as much of each document. */
class Places implements ReadFrom {
  readonly order: string;
  readonly #file: string;
  readonly #locate: YamlDocument['locate'];

  constructor(file: string, number: number, locate: YamlDocument['locate']) {
    this.order = [file, String(number).padStart(6, '0')].join(' ');
    this.#file = file;
    this.#locate = locate;
  }

  origin(path: FieldPath, known: Pick<Origin, 'object' | 'field'>): Origin {
    return fileOrigin(this.#file, this.#locate, path, known);
  }
}

/**
 * Longest document that is read, in characters. A document is parsed in one go, for about a second where it is as long as this,
 * and nothing else is done meanwhile. Kubernetes itself stores no object above 1.5 MiB.
 */
const maxDocumentLength = 2 * 1024 * 1024;

/**
 * Reads one document of a file and checks its objects.
 * Diagnostics: `FileTooLarge`, `UnreadableYaml` and those of `validate`.
 * @param path of the file, as origins name it; objects of a path that sorts first are older.
 * @param number of the document in its file.
 */
export function readFileDocument(path: string, part: DocumentText, number: number): ReadDocument {
  if (part.text.length > maxDocumentLength) {
    const message = `The document has more than ${maxDocumentLength / 1024 / 1024} MiB; it is not read, and the objects last read from it stay in use.`;
    const at = { file: path, line: part.firstLine, column: 1 };
    return { ...part, results: [], problem: diagnostic('FileTooLarge', at, message, 'Write its objects as documents of their own, with `---` between them.') };
  }
  const document = readDocument(part);
  if (document.problem) {
    const { message, line, column } = document.problem;
    const text = `The document is not valid YAML: ${message.replace(/\.$/, '')}. The objects last read from it stay in use.`;
    const problem = diagnostic('UnreadableYaml', { file: path, line, column }, text, remedyOf(message, column));
    return { ...part, results: [], problem };
  }
  const { value, locate } = document;
  // A document without content: comments only, or an empty one at the end of the file.
  if (value === undefined || value === null) return { ...part, results: [] };
  // Field by field: what is spread takes an object more.
  return { text: part.text, firstLine: part.firstLine, results: validate(value, new Places(path, number, locate)) };
}

/** What to do about an error of the parser. */
function remedyOf(message: string, column: number): string {
  const general = 'Mend the document; the others of the file are not affected.';
  // The same field twice at the outermost level: mostly the second of two objects.
  if (message.startsWith('Map keys must be unique') && column === 1) return `If another object begins here, write \`---\` on a line before it. ${general}`;
  if (message.startsWith('Tabs are not allowed')) return `Indent by spaces. ${general}`;
  return general;
}

/**
 * Finds what was read before for a document that did not change: the same text at the same place. So an edit costs what the
 * documents cost that it touched or moved, and untouched objects stay the same objects.
 */
export function unchangedDocument(before: readonly ReadDocument[], part: DocumentText, number: number): ReadDocument | undefined {
  const candidate = before[number];
  return candidate && candidate.firstLine === part.firstLine && candidate.text === part.text ? candidate : undefined;
}
