import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { reasonOf } from '../reason.ts';

/** Why something could not be read, in a few words. */
export function whyUnreadable(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    default:
      return reasonOf(error);
  }
}

/** Whether an error says that there is nothing at a path. */
export function isNothingThere(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** A folder that is away or cannot be read. */
export function unavailableFolder(path: string, reason: string): Diagnostic {
  const message = `${path} cannot be read (${reason}); the objects last read from it stay in use.`;
  return diagnostic(
    'SourceUnavailable',
    { file: path },
    message,
    'Bring it back, readable for the user that Sluice runs as; it is looked for again all the time.',
  );
}

/** A file that cannot be opened or is no text. */
export function unreadableFile(path: string, reason: string): Diagnostic {
  const message = `The file cannot be read (${reason}); the objects last read from it stay in use.`;
  return diagnostic('FileUnreadable', { file: path }, message, 'Make it a text in UTF-8 that the user may read as whom Sluice runs, or remove it.');
}
