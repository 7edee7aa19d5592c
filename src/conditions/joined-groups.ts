import type { GroupFacts } from './facts.ts';

/**
 * How far the Envoys of each group are, with those of other replicas. A replica that has another revision is a moment behind or
 * ahead: none of its Envoys has what this one's objects ask for.
 * @param own of this replica: every group that objects ask for, also where none of its Envoys is connected.
 */
export function joinedGroups(own: ReadonlyMap<string, GroupFacts>, others: readonly ReadonlyMap<string, GroupFacts>[]): ReadonlyMap<string, GroupFacts> {
  const joined = new Map(own);
  for (const groups of others) {
    for (const [group, theirs] of groups) joined.set(group, together(joined.get(group) ?? { envoys: 0, acknowledged: 0 }, theirs));
  }
  return joined;
}

function together(ours: GroupFacts, theirs: GroupFacts): GroupFacts {
  const isSame = ours.revision !== undefined && ours.revision === theirs.revision;
  // What a replica holds back concerns its own Envoys.
  const held = (ours.envoys > 0 ? ours.held : undefined) ?? (isSame ? theirs.held : undefined);
  return {
    envoys: ours.envoys + theirs.envoys,
    acknowledged: ours.acknowledged + (isSame ? theirs.acknowledged : 0),
    ...(ours.revision !== undefined && { revision: ours.revision }),
    ...(held !== undefined && { held }),
  };
}
