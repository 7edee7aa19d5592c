import type { ExitStatus } from './context.ts';

/** Ends a command with words for a person and an exit status. */
export class CommandError extends Error {
  override readonly name = 'CommandError' as const;
  /** What to do; undefined where the message says it. */
  readonly remedy: string | undefined;
  readonly status: Exclude<ExitStatus, 0>;

  constructor(message: string, options: { readonly remedy?: string; readonly status?: 1 | 2; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.remedy = options.remedy;
    this.status = options.status ?? 2;
  }
}
