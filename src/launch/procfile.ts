/** A process that is started along with the server: a demo backend, say. */
export interface ProcessEntry {
  /** Unique in the file; names its log. */
  readonly name: string;
  /** A line for the shell, run in the folder of the file. */
  readonly command: string;
}

/** The name of the file, in the folder that `sluice up` is given. It is no YAML, so no source reads it as objects. */
export const procfileName = 'Procfile';

/** Lines that are no entries, with their numbers from 1, and what is wrong. */
export interface ProcfileMistake {
  readonly line: number;
  readonly message: string;
}

/**
 * Reads a Procfile: `NAME: COMMAND` a line, `#` begins a comment line.
 * The form is the one that foreman made common. @see https://ddollar.github.io/foreman/#PROCFILE
 */
export function parseProcfile(text: string): { readonly entries: readonly ProcessEntry[]; readonly mistakes: readonly ProcfileMistake[] } {
  const entries = new Map<string, ProcessEntry>();
  const mistakes: ProcfileMistake[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, name, command] = /^([A-Za-z0-9][\w.-]*):\s*(\S.*)$/.exec(line) ?? [];
    if (name === undefined || command === undefined) mistakes.push({ line: index + 1, message: 'is not of the form NAME: COMMAND' });
    else if (entries.has(name)) mistakes.push({ line: index + 1, message: `names ${name} a second time` });
    else entries.set(name, { name, command });
  }
  return { entries: [...entries.values()], mistakes };
}
