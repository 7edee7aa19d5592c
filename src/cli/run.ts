import { CommanderError } from 'commander';
import { LaunchError } from '../launch/launch-error.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext, ExitStatus } from './context.ts';
import { withWrittenSwitches } from './ingress-options.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line and gives the status to exit with. Never rejects: a mistake of the person is told in words, a bug of
 * ours with its stack.
 * @param words without the program's name: `['get', 'clusters']`.
 */
export async function runCommandLine(words: readonly string[], context: CommandContext): Promise<ExitStatus> {
  try {
    await createProgram(context).parseAsync([...withWrittenSwitches(words)], { from: 'user' });
    return context.status;
  } catch (error) {
    // Commander has written its message itself; help and version end this way as well.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { complain } = context.terminal;
    if (error instanceof CommandError || error instanceof LaunchError) {
      complain(`sluice: ${error.message}`);
      if (error.remedy !== undefined) complain(error.remedy);
      return error instanceof CommandError ? error.status : 2;
    }
    complain(`sluice: this is a bug, please report it: ${error instanceof Error ? error.stack : String(error)}`);
    return 2;
  }
}
