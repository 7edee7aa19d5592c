/** How much a history keeps. */
export interface Limits {
  /** Revisions of a group. */
  readonly revisions: number;
  /** A revision that was built last before this time may go. */
  readonly ageMs: number;
  /** The newest ones of a group stay however old they are, so that a clock that jumps ahead takes nothing away. */
  readonly always: number;
  /** Content of all groups together, compressed. What is above costs the oldest revisions their content. */
  readonly bytes: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** For a history in a folder. */
export const folderLimits: Limits = { revisions: 100, ageMs: 7 * dayMs, always: 10, bytes: 1024 * 1024 * 1024 };

/** For a history in memory. */
export const memoryLimits: Limits = { ...folderLimits, bytes: 64 * 1024 * 1024 };

/** What is asked about a revision before it is dropped. */
interface Candidate {
  readonly revision: string;
  /** In milliseconds since 1970. */
  readonly lastAt: number;
}

/** The revisions of a group that are to be dropped. @param newestFirst all of the group. @param served the one that stays in any case. */
export function outdated<Revision extends Candidate>(
  newestFirst: readonly Revision[],
  { served, now, limits }: { readonly served: string | undefined; readonly now: number; readonly limits: Limits },
): readonly Revision[] {
  return newestFirst.filter(({ revision, lastAt }, index) => {
    if (revision === served || index < limits.always) return false;
    return index >= limits.revisions || now - lastAt > limits.ageMs;
  });
}

/** Whether a group that nothing asked for since then is to be dropped as a whole. */
export function isForgotten(retiredAt: number | undefined, now: number, limits: Limits): boolean {
  return retiredAt !== undefined && now - retiredAt > limits.ageMs;
}
