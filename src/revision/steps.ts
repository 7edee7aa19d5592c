/**
 * Pure work in small pieces: whoever runs it may let others have the thread wherever it yields. Gives its result at the end.
 */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Runs all at once, where nobody waits for the thread. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
