import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { completionSpec } from './completion/spec.ts';
import { zshCompletion } from './completion/zsh.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
type Shell = keyof typeof shells;

/** `sluice completion SHELL`: a script for the shell, made from the program itself. */
export function addCompletion(program: Command, context: CommandContext): void {
  const command = program
    .command('completion')
    .summary('print the completion script of a shell')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shells)));
  withExamples(command, [
    ['source <(sluice completion bash)', 'in ~/.bashrc'],
    ['sluice completion zsh > ~/.zfunc/_sluice', 'once, into a folder of fpath; then start zsh again'],
    ['sluice completion fish > ~/.config/fish/completions/sluice.fish', 'once'],
  ]).action((shell: Shell) => {
    context.terminal.print(shells[shell](completionSpec(program)));
  });
}
