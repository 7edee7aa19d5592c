import type { NodeStatus } from '../ads/stream/status.ts';
import type { GroupFacts } from '../conditions/facts.ts';
import type { ReleaseStatus } from '../revision/release-status.ts';

/** How far the Envoys of each group are, by the streams of this replica: of all groups that objects ask for or Envoys are of. */
export function groupFacts(nodes: readonly NodeStatus[], releases: readonly ReleaseStatus[]): ReadonlyMap<string, GroupFacts> {
  const byGroup = Map.groupBy(nodes, ({ group }) => group);
  const releaseOf = new Map(releases.map((release) => [release.group, release]));
  return new Map(
    [...new Set([...releaseOf.keys(), ...byGroup.keys()])].map((group): [string, GroupFacts] => {
      const streams = byGroup.get(group) ?? [];
      const { newest, held } = releaseOf.get(group) ?? {};
      const acknowledged = streams.filter((node) => newest !== undefined && hasAll(node, newest)).length;
      return [group, { envoys: streams.length, acknowledged, ...(newest !== undefined && { revision: newest }), ...(held && { held: held.why }) }];
    }),
  );
}

/** What an Envoy refuses is told at the objects that it comes from, and keeps no other object from being in force. */
function hasAll({ revisionAcked, revisionWanted, lastNack, types }: NodeStatus, newest: string): boolean {
  if (revisionAcked === newest) return true;
  if (!lastNack || lastNack.isSearching || revisionWanted !== newest) return false;
  return Object.values(types).every(({ state }) => state !== 'PENDING' && state !== 'WARMING');
}
