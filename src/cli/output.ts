import { type Command, Option } from 'commander';
import { stringify } from 'yaml';

/** Forms in which an answer is printed: for people, for programs, for people and programs. */
const outputFormats = ['table', 'json', 'yaml'] as const;
/** One of them, by the word of `-o`. */
export type OutputFormat = (typeof outputFormats)[number];

/** Adds `-o, --output`. @param formats the ones that the command has, its default first. */
export function withOutput(command: Command, formats: readonly OutputFormat[] = outputFormats): Command {
  return command.addOption(new Option('-o, --output <format>', 'form of the answer').choices(formats).default(formats[0]));
}

/**
 * An answer in the wanted form.
 * @param text makes the form for people.
 * @param oneOfMany whether more follow: JSON takes one line then, YAML begins a document.
 */
export function rendered(format: OutputFormat, answer: unknown, text: () => string, oneOfMany = false): string {
  if (format === 'json') return JSON.stringify(answer, null, oneOfMany ? 0 : 2);
  if (format === 'table') return text();
  // Without a width, or long strings would be folded over several lines.
  const yaml = stringify(answer, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
  return oneOfMany ? `---\n${yaml}` : yaml;
}
