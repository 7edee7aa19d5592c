import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** What Linux calls a thread in which V8 works beside the program: it looks for garbage there, and compiles. */
const collectorName = /V8Worker/;

/** How much nicer these threads are than the program, which has ten times their share then: enough that it never waits for them long. */
const nicer = 10;
const nicest = 19;

/**
 * Lets the program go before the threads in which V8 looks for garbage, where both want the same processors. These are four, so that with two
 * processors the thread that serves Envoys had its turn a third of the time while thousands of objects were looked through.
 * Does nothing where threads have no name or no priority of their own: elsewhere than on Linux.
 * @see docs/decisions/0073-collector-threads.md
 */
export function lowerCollectorThreads(): void {
  const threads = '/proc/self/task';
  try {
    const niceness = Math.min(nicest, getPriority() + nicer);
    for (const thread of readdirSync(threads)) {
      if (collectorName.test(readFileSync(`${threads}/${thread}/comm`, 'utf8'))) setPriority(Number(thread), niceness);
    }
  } catch {
    // There are none to be seen, one has just ended, or a sandbox forbids it: all is as it would be without this.
  }
}
