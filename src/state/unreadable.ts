import type { Logger } from 'pino';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';

/** What could not be read of a medium, as diagnostics that stand until the file is written again or gone. */
export interface Unreadable {
  add(file: string, reason: string): void;
  /** What was served last of a group, and whether it was pinned. */
  addRelease(file: string, reason: string): void;
  /** Secrets that are sealed. @param hasKey whether a key is there, which then is another one. */
  addSealed(file: string, hasKey: boolean): void;
  forget(file: string): void;
  diagnostics(): readonly Diagnostic[];
}

/** More than anyone reads; the log has all. */
const most = 50;

export function createUnreadable(log: Logger): Unreadable {
  const found = new Map<string, Diagnostic>();
  function note(one: Diagnostic): void {
    const { file = '' } = one.at;
    if (!found.has(file)) log.warn({ file }, one.message);
    if (found.size < most) found.set(file, one);
  }
  return {
    add: (file, reason) =>
      note(
        diagnostic('StateUnreadable', { file }, `The file is not used: ${reason}.`, 'What it held is kept anew when it is built again; nothing is to be done.'),
      ),
    addRelease: (file, reason) =>
      note(
        diagnostic(
          'StateUnreadable',
          { file },
          `The file is not used: ${reason}. If its group was pinned, it is no more.`,
          'Pin the group again, if it was; else nothing is to be done.',
        ),
      ),
    addSealed: (file, hasKey) =>
      note(
        diagnostic(
          'StateKeyUnusable',
          { file },
          hasKey ? 'Its secrets were sealed with another key.' : 'Its secrets are sealed, and there is no key.',
          'Give the key that they were sealed with by --state-key-file; until their source lists them, they are missing.',
        ),
      ),
    forget: (file) => void found.delete(file),
    diagnostics: () => [...found.values()],
  };
}
