import { existsSync } from 'node:fs';
import { normalize } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import { readFileDocument } from './file-document.ts';
import { unavailableFolder } from './file-error.ts';
import { fileState } from './file-state.ts';
import { filesBelow } from './list-files.ts';
import { readText } from './read-text.ts';
import { splitDocuments } from './yaml.ts';

/**
 * Reads folders or files once, for commands that work without a server. Duplicates are among the objects: the store tells them.
 * Diagnostics: `FileTooLarge`, `FileUnreadable`, `SourceUnavailable` (also where a path leads to nothing), `UnreadableYaml` and
 * those of `validate`.
 */
export function readFolder(paths: readonly string[]): { readonly objects: readonly Stored[]; readonly diagnostics: readonly Diagnostic[] } {
  const objects: Stored[] = [];
  const diagnostics: Diagnostic[] = [];
  // A folder given twice, or within another, is read once.
  const entered = new Set<string>();
  let total = 0;
  for (const path of paths) {
    for (const found of filesBelow(normalize(path), entered)) {
      if (found.type === 'unreadable') diagnostics.push(unavailableFolder(found.path, found.reason));
      if (found.type !== 'file') continue;
      const read = readText(found.path, found.stats.size, total);
      if ('problem' in read) {
        diagnostics.push(read.problem);
        continue;
      }
      total += found.stats.size;
      const documents = splitDocuments(read.text).map((part, number) => readFileDocument(found.path, part, number));
      const state = fileState(undefined, documents, true);
      for (const forms of state.objects.values()) for (const object of forms) objects.push(object);
      for (const each of state.diagnostics) diagnostics.push(each);
    }
    if (!existsSync(path)) diagnostics.push(unavailableFolder(path, 'it does not exist'));
  }
  return { objects, diagnostics };
}
