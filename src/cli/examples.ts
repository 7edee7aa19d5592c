import type { Command } from 'commander';

/** Adds lines to the end of a command's help: what to type, and above it what that does. */
export function withExamples(command: Command, examples: readonly (readonly [line: string, meaning: string])[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map(([line, meaning]) => `  # ${meaning}\n  $ ${line}`).join('\n')}`);
}
