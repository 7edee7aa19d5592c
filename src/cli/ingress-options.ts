import { type Command, Option } from 'commander';
import { type IngressOption, ingressOptions, ingressSettingsOf } from '../config/ingress-options.ts';
import type { KubernetesConfig } from '../config/kubernetes-options.ts';
import { defaultSettings, type Settings, withClusterClass } from '../settings.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';

/** Adds the flags of ingress-nginx, and what says how Ingresses are read besides. Those without effect are taken too, and not listed. */
export function withIngressOptions(command: Command): Command {
  for (const one of ingressOptions) command.addOption(optionOf(one));
  return command;
}

function optionOf({ name, variable, isSwitch, isHidden, doc }: IngressOption): Option {
  const option = new Option(`--${name} ${isSwitch ? '[bool]' : '<value>'}`, `${doc} (${variable})`);
  return isSwitch ? option.preset('true').hideHelp(isHidden) : option.hideHelp(isHidden);
}

const switches = new Set(ingressOptions.filter(({ isSwitch }) => isSwitch).map(({ name }) => `--${name}`));

/** `--enable-ssl-passthrough deploy/` is a switch and a folder, where commander would take the folder for its value. */
export function withWrittenSwitches(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return words.map((word, index) => (switches.has(word) && (end === -1 || index < end) ? `${word}=true` : word));
}

/**
 * Settings for a question that folders answer, or a cluster: of that Ingresses are chosen as a server does.
 * @throws {CommandError} after telling of every mistake, one a line.
 */
export function folderSettings(given: object, { terminal, env }: CommandContext, cluster?: KubernetesConfig): Settings {
  const { settings, diagnostics } = ingressSettingsOf(given, env);
  for (const one of diagnostics) terminal.complain(diagnosticLine(terminal, one));
  if (diagnostics.some(({ severity }) => severity === 'error')) throw new CommandError('nothing was read');
  return { ...defaultSettings, ingress: cluster ? withClusterClass(settings) : settings };
}
