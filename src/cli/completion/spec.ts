import type { Argument, Command, Option } from 'commander';

/** What a shell may offer for a command line: what the three scripts have in common. */
export interface CompletionSpec {
  readonly program: string;
  readonly commands: readonly CommandSpec[];
}

/** A command as shells complete it. */
export interface CommandSpec {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
  readonly arguments: readonly ArgumentSpec[];
}

/** An option of a command. */
export interface OptionSpec {
  /** `--output` */
  readonly long: string;
  /** `-o` */
  readonly short?: string;
  readonly description: string;
  /** Undefined: a flag without a value. */
  readonly value?: ValueSpec;
}

/** An argument of a command. */
export interface ArgumentSpec {
  readonly name: string;
  readonly value: ValueSpec;
  readonly isVariadic: boolean;
}

/** Fixed words, paths, or something that a shell cannot know. */
export type ValueSpec = { readonly type: 'words'; readonly words: readonly string[] } | { readonly type: 'path' } | { readonly type: 'free' };

/** Reads the commands of a program. */
export function completionSpec(program: Command): CompletionSpec {
  return {
    program: program.name(),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.summary() || command.description(),
      options: [...command.options.map(optionSpec), { long: '--help', short: '-h', description: 'show help' }],
      arguments: command.registeredArguments.map(argumentSpec),
    })),
  };
}

function optionSpec({ long, short, description, argChoices, flags }: Option): OptionSpec {
  const valueName = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
  return {
    long: long ?? '',
    ...(short === undefined || short === null ? {} : { short }),
    description,
    ...(valueName === undefined ? {} : { value: valueSpec(valueName, argChoices) }),
  };
}

function argumentSpec(argument: Argument): ArgumentSpec {
  return { name: argument.name(), value: valueSpec(argument.name(), argument.argChoices), isVariadic: argument.variadic };
}

function valueSpec(name: string, choices: readonly string[] | undefined): ValueSpec {
  if (choices) return { type: 'words', words: choices };
  return /^(path|file|dir)/.test(name) ? { type: 'path' } : { type: 'free' };
}
