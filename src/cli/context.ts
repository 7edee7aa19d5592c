import type { Clock } from '../clock.ts';
import type { Terminal } from './terminal.ts';

/** 0: all is well; 1: it ran and found problems; 2: it could not run. */
export type ExitStatus = 0 | 1 | 2;

/** What a command gets from the process that it runs in. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts when the person or the system asks the process to end. */
  readonly signal: AbortSignal;
  /** What the process ends with; set by the command. */
  status: ExitStatus;
}
