import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import { validate } from '../store/validate.ts';
import { fileOrigin } from './file-origin.ts';
import { readDocuments } from './yaml.ts';

/** What one file holds. */
export interface FileContent {
  /** The valid objects, in the order of the file. */
  readonly objects: readonly Stored[];
  /** Keys (`objectKey`) of objects that are written here but not valid: their last good form stays in use. */
  readonly invalid: ReadonlySet<string>;
  /** Whether a document could not be read at all; it may be any of the objects that the file held before. */
  readonly isBroken: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** `KIND/NAMESPACE/NAME`. */
export function objectKey({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${kind}/${namespace}/${name}`;
}

/**
 * Reads the text of a file: several documents, each by itself.
 * Diagnostics: `UnreadableYaml` and those of `validate`.
 * @param file the path as it was given to the source; it is shown and sorts objects that have no creation time.
 */
export function readContent(file: string, text: string): FileContent {
  const objects: Stored[] = [];
  const invalid = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  let isBroken = false;
  for (const [index, document] of readDocuments(text).entries()) {
    if (document.problem) {
      const { message, line, column } = document.problem;
      isBroken = true;
      diagnostics.push(
        diagnostic('UnreadableYaml', { file, line, column }, `${sentence(message)} The objects of this document stay as they were.`, 'Mend the YAML.'),
      );
    } else if (document.value !== null && document.value !== undefined) {
      const order = `${file} ${String(index).padStart(6, '0')}`;
      for (const result of validate(document.value, { order, origin: (path, known) => fileOrigin(file, document, path, known) })) {
        diagnostics.push(...result.diagnostics);
        if (result.stored) objects.push(result.stored);
        else if (result.key) invalid.add(objectKey(result.key));
        else if (!result.isForeign) isBroken = true;
      }
    }
  }
  return { objects, invalid, isBroken, diagnostics };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
