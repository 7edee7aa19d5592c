import type { Command } from 'commander';

/** Adds lines to the end of a command's help: what to type, and what it does. */
export function withExamples(command: Command, examples: readonly (readonly [line: string, meaning: string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  return command.addHelpText('after', `\nExamples:\n${examples.map(([line, meaning]) => `  $ ${line.padEnd(width)}  # ${meaning}`).join('\n')}`);
}
