import type { Command } from 'commander';
import type { ChangeEvents } from '../admin/changes.ts';
import { reasonOf } from '../reason.ts';
import type { ApiClient } from './api-client.ts';
import { type AskingOptions, asked } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';

/** Adds `-w, --watch`. */
export function withWatch(command: Command): Command {
  return command.option('-w, --watch', 'go on, and print it again whenever it changed, until interrupted');
}

/** Whether and what is watched. */
export interface Watching {
  readonly watch: boolean;
  /** The events of the server after which it may be different; undefined: any. */
  readonly events?: readonly (keyof ChangeEvents)[];
  /** Whether no event tells that it is different: then it is asked for again and again. */
  readonly isPolled?: boolean;
}

/** Between two tries to reach a server that went away, and between two looks at folders. */
const pauseMs = 1000;

/**
 * Prints what `look` gives: once, or again whenever it changed until the process is asked to end. On a terminal each replaces the
 * one before. A server is followed, and waited for where it goes away; folders are read every second.
 * @throws {CommandError} where the first look fails.
 */
export async function show(
  context: CommandContext,
  asking: AskingOptions,
  { watch, events, isPolled = false }: Watching,
  look: (api: ApiClient) => Promise<string>,
): Promise<void> {
  const api = await asked(asking, context);
  let shown: string | undefined;

  async function print(from: ApiClient): Promise<void> {
    const text = await look(from).catch(later);
    if (text === shown) return;
    context.terminal.clear();
    context.terminal.print(text);
    shown = text;
  }

  /** What was there at first may be gone later: that is shown, and watched on. */
  function later(error: unknown): string {
    if (shown === undefined || !(error instanceof CommandError) || (error.status !== 1 && asking.config === undefined)) throw error;
    return error.message;
  }

  if (!watch) return print(api);
  if (asking.config !== undefined || isPolled) {
    for (; !context.signal.aborted; await pause(context.signal)) await print(await asked(asking, context));
    return;
  }
  for (let isAway = false; !context.signal.aborted; await pause(context.signal)) {
    let why = 'it ended the connection';
    try {
      for await (const event of api.follow(context.signal)) {
        if (isAway) context.terminal.complain('sluice: the server is back');
        isAway = false;
        if (event !== 'end' && (event === 'state' || !events || events.some((one) => one === event))) await print(api);
      }
    } catch (error) {
      if (context.signal.aborted) return;
      if (shown === undefined) throw error;
      why = reasonOf(error);
    }
    if (!isAway && !context.signal.aborted) context.terminal.complain(`sluice: the server went away (${why}); what is shown may be old, waiting for it`);
    isAway = true;
  }
}

/** Resolves after the pause or when the signal aborts, and keeps the process alive until then. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, pauseMs);
    signal.addEventListener('abort', end);
  });
}
