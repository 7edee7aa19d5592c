import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { createTerminal, type Terminal } from '../../src/cli/terminal.ts';

/** A terminal that keeps what was written. */
export interface FakeTerminal {
  readonly terminal: Terminal;
  printed(): string;
  complained(): string;
}

/** @param isTTY whether a person would look at it: then there are colours. */
export function fakeTerminal(isTTY = false): FakeTerminal {
  // A real terminal's answer, which minds NO_COLOR, but for a known kind of terminal wherever the test runs.
  const getColorDepth = (): number => WriteStream.prototype.getColorDepth({ TERM: 'xterm', NO_COLOR: process.env['NO_COLOR'] });
  const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY, getColorDepth }), new PassThrough()];
  const written = { stdout: '', stderr: '' };
  stdout.on('data', (chunk: Buffer) => {
    written.stdout += chunk.toString();
  });
  stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString();
  });
  return { terminal: createTerminal(stdout, stderr), printed: () => written.stdout, complained: () => written.stderr };
}
