import { runCommandLine } from '../../src/cli/run.ts';
import { fakeTerminal } from './terminal.ts';

/** Runs `sluice WORDS` in this process, at the beginning of time. */
export async function runWords(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { terminal, printed, complained } = fakeTerminal();
  const clock = { now: () => 0, steady: () => 0, after: () => () => {} };
  const status = await runCommandLine(words, { terminal, env, clock, signal: new AbortController().signal, status: 0 });
  return { status, printed: printed(), complained: complained() };
}
