import type { CommandSpec, CompletionSpec, OptionSpec } from './spec.ts';

/**
 * Completion for fish.
 * @see https://fishshell.com/docs/current/completions.html
 */
export function fishCompletion({ program, commands }: CompletionSpec): string {
  const start = `complete -c ${program}`;
  return [
    `# fish completion for ${program}`,
    `${start} -f`,
    `${start} -n __fish_use_subcommand -l version -d 'show the version'`,
    ...commands.flatMap((command) => commandLines(start, command)),
  ].join('\n');
}

function commandLines(start: string, { name, description, options, arguments: args }: CommandSpec): readonly string[] {
  const within = `${start} -n '__fish_seen_subcommand_from ${name}'`;
  const values = args.flatMap(({ value }) => {
    if (value.type === 'words') return [`${within} -a ${quoted(value.words.join(' '))}`];
    return value.type === 'path' ? [`${within} -F`] : [];
  });
  return [`${start} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`, ...values, ...options.map((option) => `${within} ${optionText(option)}`)];
}

function optionText({ long, short, description, value }: OptionSpec): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const argument = value === undefined ? '' : value.type === 'words' ? ` -x -a ${quoted(value.words.join(' '))}` : value.type === 'path' ? ' -r -F' : ' -x';
  return `${names}${argument} -d ${quoted(description)}`;
}

/** Within single quotes fish knows two escapes: of the quote and of the backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
