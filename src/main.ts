import { runCommandLine } from './cli/run.ts';
import { createTerminal } from './cli/terminal.ts';
import { systemClock } from './clock.ts';

/** Ctrl-C under npm comes twice at once: from the terminal, and passed on by npm. */
const sameRequestMs = 500;

const ending = new AbortController();
let askedAt = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks again does not want to wait.
    if (ending.signal.aborted && performance.now() - askedAt > sameRequestMs) process.exit(2);
    askedAt = performance.now();
    ending.abort();
  });
}
// The reader of a pipe has seen enough (`sluice get clusters | head`).
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: createTerminal(process.stdout, process.stderr),
  env: process.env,
  clock: systemClock,
  signal: ending.signal,
  status: 0,
});
