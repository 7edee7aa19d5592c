import type { Work } from '../work.ts';
import { type Consequences, consequencesOf } from './consequences.ts';
import { diffOf, isSame, type RevisionDiff, type Side } from './diff.ts';

/** What going from one configuration of a group to another changes and means. */
export interface GroupPlan {
  readonly group: string;
  readonly change: 'added' | 'removed' | 'changed' | 'none';
  /** Name of the revision; undefined: the group is new. */
  readonly from?: string;
  /** Undefined: the group is gone, its Envoys keep what they have. */
  readonly to?: string;
  readonly diff: RevisionDiff;
  readonly consequences: Consequences;
}

/** Compares two configurations of a group. @param fusePercent see `consequencesOf`. */
export function* groupPlan(group: string, before: Side, after: Side, fusePercent: number): Work<GroupPlan> {
  const diff = yield* diffOf(before, after);
  const [from, to] = [before.snapshot?.revision, after.snapshot?.revision];
  return {
    group,
    change: from === undefined ? 'added' : to === undefined ? 'removed' : isSame(diff) ? 'none' : 'changed',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    diff,
    consequences: yield* consequencesOf(diff, before.snapshot, after.snapshot, before, fusePercent),
  };
}
