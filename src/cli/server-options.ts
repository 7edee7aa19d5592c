import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { type ConfigOption, configOptions, type GivenOptions } from '../config/server-options.ts';
import { reasonOf } from '../reason.ts';
import { collect } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { withIngressOptions } from './ingress-options.ts';

/** Adds the options of a server. @param without keys that the command gives itself. */
export function withServerOptions(command: Command, without: readonly (keyof GivenOptions)[] = []): Command {
  for (const one of configOptions) if (!without.includes(one.key)) command.addOption(optionOf(one));
  return withIngressOptions(command);
}

function optionOf({ isList, flags, variable, doc, default: fallback }: ConfigOption): Option {
  const option = new Option(flags, `${doc} (${fallback === undefined ? '' : `default: ${fallback}; `}${variable})`);
  return isList ? option.argParser(collect) : option;
}

/** What a server is started with, and the token of its admin API. */
export interface ServerStart {
  readonly config: Config;
  readonly token: { readonly adminToken?: string };
}

/**
 * Reads options, environment and the token's file.
 * @throws {CommandError} after telling of every mistake, one a line.
 */
export function serverStart(given: GivenOptions, { terminal, env }: CommandContext): ServerStart {
  const { config, diagnostics } = readConfig(given, env);
  for (const diagnostic of diagnostics) terminal.complain(diagnosticLine(terminal, diagnostic));
  if (diagnostics.some(({ severity }) => severity === 'error')) throw new CommandError('the server was not started');
  const adminToken = config.adminTokenFile === undefined ? config.adminToken : tokenIn('--admin-token-file', config.adminTokenFile);
  return { config, token: adminToken === undefined ? {} : { adminToken } };
}

/** What a server that cannot bind its addresses ends a command with. */
export function notStarted(error: unknown): CommandError {
  return new CommandError(`the server was not started: ${reasonOf(error)}`, { cause: error });
}

/**
 * The token that an option names the file of.
 * @throws {CommandError} where it cannot be read or holds none.
 */
export function tokenIn(option: string, file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CommandError(`${option} ${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  if (token === '') throw new CommandError(`${option} ${file} is empty`, { remedy: 'Write a long random token into it: openssl rand -hex 32.' });
  return token;
}
