import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import type { CommandContext } from './context.ts';

/** Forms in which an answer is printed: for people, for programs, for people and programs. */
const outputFormats = ['table', 'json', 'yaml'] as const;
/** One of them, by the word of `-o`. */
export type OutputFormat = (typeof outputFormats)[number];

/** Adds `-o, --output`. @param formats the ones that the command has, its default first. */
export function withOutput(command: Command, formats: readonly OutputFormat[] = outputFormats): Command {
  return command.addOption(new Option('-o, --output <format>', 'form of the answer').choices(formats).default(formats[0]));
}

/** An answer in the wanted form. @param text makes the form for people. */
export function rendered(format: OutputFormat, answer: unknown, text: () => string): string {
  if (format === 'json') return JSON.stringify(answer, null, 2);
  // Without a width, or long strings would be folded over several lines.
  return format === 'yaml' ? stringify(answer, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd() : text();
}

/** Milliseconds between two looks of `--watch`. */
const watchIntervalMs = 2000;

/** Adds `-w, --watch`. */
export function withWatch(command: Command): Command {
  return command.option('-w, --watch', 'ask again every two seconds, until interrupted');
}

/**
 * Prints what `look` gives: once, or again and again until the process is asked to end. On a terminal each look replaces the
 * one before, else only what differs from it is printed.
 */
export async function show(context: CommandContext, watch: boolean, look: () => Promise<string>): Promise<void> {
  let text = await look();
  if (!watch) {
    context.terminal.print(text);
    return;
  }
  let shown: string | undefined;
  while (!context.signal.aborted) {
    if (text !== shown) {
      context.terminal.clear();
      context.terminal.print(text);
      shown = text;
    }
    await pause(context.signal);
    if (context.signal.aborted) return;
    // A server that restarts is no reason to stop watching it.
    text = await look().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  }
}

/** Resolves after the interval or when the signal aborts, and keeps the process alive until then. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, watchIntervalMs);
    signal.addEventListener('abort', end);
  });
}
