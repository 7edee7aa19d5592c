import type { ArgumentSpec, CommandSpec, CompletionSpec, OptionSpec, ValueSpec } from './spec.ts';

/**
 * Completion for zsh, as a function file for `fpath`.
 * @see https://zsh.sourceforge.io/Doc/Release/Completion-System.html
 */
export function zshCompletion({ program, commands }: CompletionSpec): string {
  return `#compdef ${program}
_${program}() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_${program}" ]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi`;
}

function commandCase({ name, options, arguments: args }: CommandSpec): string {
  const specs = [...options.flatMap(optionArguments), ...args.map(argumentArgument)];
  return `    ${name})
      _arguments ${specs.map((spec) => `\\\n        ${spec}`).join(' ')}
      ;;`;
}

/** An option and its short form are two specifications that exclude nothing, since both may be repeated. */
function optionArguments({ long, short, description, value }: OptionSpec): readonly string[] {
  const text = `[${description.replaceAll(/[[\]\\]/g, '\\$&').replaceAll(':', '\\:')}]${value === undefined ? '' : `:value:${action(value)}`}`;
  return (short === undefined ? [long] : [short, long]).map((name) => quoted(`*${name}${text}`));
}

function argumentArgument({ name, value, isVariadic }: ArgumentSpec): string {
  return quoted(`${isVariadic ? '*' : ''}:${name}:${action(value)}`);
}

function action(value: ValueSpec): string {
  if (value.type === 'words') return `(${value.words.join(' ')})`;
  return value.type === 'path' ? '_files' : ' ';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
