/**
 * Work that can be done in short turns: it yields wherever others may have theirs, and gives its result in the end. Between two
 * steps it must not look at anything that may change.
 */
export type Work<Result> = Generator<undefined, Result, undefined>;

/** Does all of it at once. */
export function done<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
