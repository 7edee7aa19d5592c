import type { Changes, Moment } from '../store/changes.ts';

/** What a part of a translation leaves behind for the next one. */
export interface LeftBehind<Left> {
  /** What the translation before left; undefined: there was none. */
  before(changes: Changes): Left | undefined;
  /** @returns what is left. */
  leave(changes: Changes, left: Left): Left;
}

/** Nobody has to keep it: it goes with the moment that it hangs on. */
export function leftBehind<Left>(): LeftBehind<Left> {
  const byMoment = new WeakMap<Moment, Left>();
  return {
    before: (changes) => changes.before && byMoment.get(changes.before),
    leave(changes, left) {
      byMoment.set(changes.now, left);
      return left;
    },
  };
}
