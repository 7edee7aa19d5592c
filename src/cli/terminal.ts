import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** What of `styleText` the tables and reports use. */
export type Paint = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** Where a command writes. */
export interface Terminal {
  /** Writes a text and a line end to the standard output. */
  print(text: string): void;
  /** The same to the standard error. */
  complain(text: string): void;
  /** Clears the screen, where the standard output is one. */
  clear(): void;
  /** Whether a person looks at the standard output. */
  readonly isInteractive: boolean;
  /** Colours a text for the standard output: only where that is a terminal, and not where NO_COLOR is set. */
  paint(paint: Paint, text: string): string;
}

/** A terminal over two streams; colours follow the first. */
export function createTerminal(stdout: Writable & { readonly isTTY?: boolean }, stderr: Writable): Terminal {
  return {
    print: (text) => stdout.write(`${text}\n`),
    complain: (text) => stderr.write(`${text}\n`),
    clear: () => {
      if (stdout.isTTY) stdout.write('\u001b[2J\u001b[H');
    },
    isInteractive: stdout.isTTY === true,
    paint: (paint, text) => styleText(paint, text, { stream: stdout, validateStream: true }),
  };
}
