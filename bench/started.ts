import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Children } from '../src/launch/children.ts';

/** A process that was started. */
type Started = ReturnType<Children['start']>;

const readyWithinMs = 120_000;

/**
 * The last line of JSON in the log of a process that says what is waited for.
 * @throws {Error} where the process ends before.
 */
export async function lineOf<Line>(logFile: string, child: Started, isIt: (line: Readonly<Record<string, unknown>>) => boolean): Promise<Line> {
  let found: Line | undefined;
  await until(`a line of ${logFile}`, child, async () => {
    for (const line of (await readFile(logFile, 'utf8')).split('\n')) {
      if (!line.startsWith('{') || !line.endsWith('}')) continue;
      const read = JSON.parse(line) as Readonly<Record<string, unknown>>;
      if (isIt(read)) found = read as Line;
    }
    return found !== undefined;
  });
  return found as Line;
}

/** @throws {Error} where the process ends before it is true, or it takes too long. */
export async function until(what: string, child: Started, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (!(await isTrue())) {
    if (!child.isRunning()) throw new Error(`waiting for: ${what}; the process ended with ${await child.ended}`);
    if (performance.now() > deadline) throw new Error(`not within ${readyWithinMs / 1000} s: ${what}`);
    await sleep(20);
  }
}
