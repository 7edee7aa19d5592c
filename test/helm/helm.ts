import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goProgram } from '../go-program.ts';

const run = promisify(execFile);

/** The chart of the repository. */
const chart = join(import.meta.dirname, '../../deploy/helm/sluice');

/** Path of Helm, built once. */
export function helmProgram(): Promise<string> {
  return goProgram(import.meta.dirname, 'helm.sh/helm/v4/cmd/helm');
}

/**
 * Helm itself: what it says of the chart, on its standard output.
 * @param args of `install` and `upgrade` begin with the name of the release.
 * @throws {Error} with what it said, where it refuses.
 */
export async function helm(command: 'lint' | 'template' | 'install' | 'upgrade', args: readonly string[]): Promise<string> {
  const binary = await helmProgram();
  const [first = '', ...rest] = args;
  const words = {
    lint: ['lint', chart, '--strict', ...args],
    template: ['template', 'sluice', chart, '--namespace', 'sluice-system', ...args],
    install: ['install', first, chart, ...rest],
    upgrade: ['upgrade', first, chart, ...rest],
  }[command];
  return (await run(binary, words, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}
