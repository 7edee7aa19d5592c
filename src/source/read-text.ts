import { readFileSync } from 'node:fs';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { unreadableFile, whyUnreadable } from './file-error.ts';

/** Largest file that is read: a parser needs many times a text's size, and larger ones are most often there by mistake. */
const maxFileBytes = 8 * 1024 * 1024;

/** Largest size of all files of a source together. */
const maxTotalBytes = 100 * 1024 * 1024;

/**
 * The text of a file, or why it is not read. Diagnostics: `FileTooLarge`, `FileUnreadable`.
 * @param size of the file in bytes, as it is now.
 * @param others size of all other files of the source, in bytes.
 */
export function readText(path: string, size: number, others: number): { readonly text: string } | { readonly problem: Diagnostic } {
  if (size > maxFileBytes) return { problem: tooLarge(path, `The file has ${mebibytes(size)}, which is more than ${mebibytes(maxFileBytes)}`) };
  if (size + others > maxTotalBytes) return { problem: tooLarge(path, `With this file there would be more than ${mebibytes(maxTotalBytes)} of files`) };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    return { problem: unreadableFile(path, error instanceof TypeError ? 'it is not UTF-8' : whyUnreadable(error)) };
  }
}

function tooLarge(path: string, text: string): Diagnostic {
  return diagnostic('FileTooLarge', { file: path }, `${text}; it is not read, and the objects last read from it stay in use.`, 'Split or shorten it.');
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
