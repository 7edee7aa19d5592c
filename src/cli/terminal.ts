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
  /** Where running text is folded. Tables are not. */
  readonly columns: number;
  /** Colours a text for the standard output: only where that is a terminal, and not where NO_COLOR is set. */
  paint(paint: Paint, text: string): string;
}

/** Longer lines are hard to read; also what holds where nobody looks. */
const widestText = 110;

/** A terminal over two streams; colours follow the first. */
export function createTerminal(stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }, stderr: Writable): Terminal {
  return {
    print: (text) => stdout.write(`${text}\n`),
    complain: (text) => stderr.write(`${text}\n`),
    clear: () => {
      if (stdout.isTTY) stdout.write('\u001b[2J\u001b[H');
    },
    columns: Math.min(stdout.columns ?? widestText, widestText),
    paint: (paint, text) => styleText(paint, text, { stream: stdout, validateStream: true }),
  };
}
