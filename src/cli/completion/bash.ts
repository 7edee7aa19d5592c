import type { CommandSpec, CompletionSpec, OptionSpec, ValueSpec } from './spec.ts';

/**
 * Completion for bash 3.2 and later, without the bash-completion package.
 * @see https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 */
export function bashCompletion({ program, commands }: CompletionSpec): string {
  return `# bash completion for ${program}
_${program}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...commands.map(({ name }) => name), 'help', '--help', '--version'].join(' ')}" -- "$word"))
    return
  fi
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}
complete -F _${program} ${program}`;
}

function commandCase({ name, options, arguments: args }: CommandSpec): string {
  const valued = options.filter((option) => option.value !== undefined);
  const values = valued.map((option) => `        ${namesOf(option).join('|')}) ${offer(option.value)} return ;;`);
  const flags = options.flatMap(namesOf).join(' ');
  const argument = args.find(({ value }) => value.type !== 'free')?.value;
  return `    ${name})
${values.length === 0 ? '' : `      case "$before" in\n${values.join('\n')}\n      esac\n`}      case "$word" in
        -*) COMPREPLY=($(compgen -W "${flags}" -- "$word")) ;;
        *) ${offer(argument)} ;;
      esac
      ;;`;
}

function offer(value: ValueSpec | undefined): string {
  if (value?.type === 'words') return `COMPREPLY=($(compgen -W "${value.words.join(' ')}" -- "$word"));`;
  // "compopt" makes a folder end in a slash; bash 3.2 of macOS does not have it.
  return value?.type === 'path' ? 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word"));' : ':;';
}

function namesOf({ long, short }: OptionSpec): readonly string[] {
  return short === undefined ? [long] : [short, long];
}
