import { type Command, Option } from 'commander';
import { type GivenKubernetes, type KubernetesConfig, kubernetesConfigOf, kubernetesOptions } from '../config/kubernetes-options.ts';
import { collect } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';

/** Adds the options by which a command reads a cluster once. */
export function withClusterOptions(command: Command): Command {
  for (const { flags, doc, variable, isList } of kubernetesOptions) {
    const option = new Option(flags, `${doc} (${variable})`);
    command.addOption(isList ? option.argParser(collect) : option);
  }
  return command;
}

/**
 * The cluster that a command reads; undefined: none.
 * @throws {CommandError} after telling of every mistake, one a line.
 */
export function clusterOf(given: GivenKubernetes, { terminal, env }: CommandContext): KubernetesConfig | undefined {
  // What a server is told by its environment is not meant for every command beside it.
  const { SLUICE_KUBERNETES: _, ...others } = env;
  const { choice, diagnostics } = kubernetesConfigOf(given, others);
  for (const one of diagnostics) terminal.complain(diagnosticLine(terminal, one));
  if (diagnostics.some(({ severity }) => severity === 'error')) throw new CommandError('nothing was read');
  return choice;
}
