import { CommandError } from './command-error.ts';

/**
 * Refuses what a variable that is not set leaves of an option.
 * @param texts what was written, by the words by which a user knows it; undefined: nothing.
 * @throws {CommandError} naming the first that is empty.
 */
export function refuseEmpty(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [option, text] of Object.entries(texts)) {
    if (text === '') throw new CommandError(`${option} is empty`, { remedy: 'Look whether the variable that it comes from is set.' });
  }
}
