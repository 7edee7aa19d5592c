import type { ColdCluster } from '../revision/cold-clusters.ts';
import type { Consequences, DrainedListener, MovedShare, Phase, WarmedCluster } from '../revision/consequences.ts';
import { durationText } from './duration-text.ts';
import { percent } from './get-text.ts';

/** Names in a line; the rest are counted. */
const mostNames = 5;

/** What a change means, one sentence a line. */
export function consequenceLines({ drained, warmed, removedClusters, moved, cold, phases, heldInBulk }: Consequences): readonly string[] {
  return [
    ...(drained.length === 0 ? ['- no listener lets go of connections'] : drained.map(drainedLine)),
    ...moved.map(movedLine),
    ...cold.map(coldLine),
    ...warmedLines(warmed),
    ...slowStartLines(warmed),
    ...(removedClusters.length === 0 ? [] : [`- removed with their connections, after the drain delay: ${names('cluster', removedClusters)}`]),
    ...(phases.length === 0 ? [] : [`- in this order: ${phases.map(phaseText).join(', then ')}`]),
    ...(heldInBulk === undefined ? [] : [`- the fuse holds it where it comes in bulk, not by single edits: ${heldInBulk}`]),
  ];
}

function drainedLine({ listener, what, chains }: DrainedListener): string {
  if (what === 'removed') return `- listener ${listener} is closed, and its connections are drained`;
  if (what === 'all') return `- listener ${listener} changes as a whole: all its connections are drained`;
  return `- listener ${listener} lets go of the connections of ${names('filter chain', chains)}; all others stay`;
}

function movedLine({ why, of, share }: MovedShare): string {
  if (why === 'split') return `- ${percent(share)} of the requests of ${of} go to another cluster`;
  const reason = why === 'hash' ? 'as it hashes in another way' : 'as it has other endpoints';
  return `- ${percent(share)} of the users of cluster ${of} get another endpoint, ${reason}`;
}

function coldLine({ cluster, idleMs, windowMs, route, share }: ColdCluster): string {
  const why = `no requests for ${durationText(idleMs)}, longer than its window of ${durationText(windowMs)}`;
  return `- cluster ${cluster} is cold (${why}) and gets ${percent(share)} of the requests of ${route} all at once`;
}

function warmedLines(warmed: readonly WarmedCluster[]): readonly string[] {
  return [true, false].flatMap((isNew) => {
    const some = warmed.filter((one) => one.isNew === isNew);
    if (some.length === 0) return [];
    const waits = [...new Set(some.flatMap(({ waitsFor }) => waitsFor))].sort().join(', ');
    const list = names(
      'cluster',
      some.map(({ cluster }) => cluster),
    );
    const until = waits === '' ? '' : `, once there: ${waits}`;
    if (isNew) return [`- new: ${list}; routes use them when they are warm${until}`];
    return [
      `- made anew: ${list}; the old ones serve until these are warm${until}`,
      '  requests under way end on the connections of the old ones, all others need new connections',
    ];
  });
}

/** What a change of a cluster does to endpoints that are warming up. */
function slowStartLines(warmed: readonly WarmedCluster[]): readonly string[] {
  return warmed
    .filter(({ endsSlowStart }) => endsSlowStart)
    .map(({ cluster, young }) => {
      if (young.length === 0) return `- slow start of cluster ${cluster} ends at once for whatever is warming up then`;
      const list = young.slice(0, mostNames).map(({ address, percent: share }) => `${address} (now at ${share}%)`);
      const more = young.length > mostNames ? ` and ${young.length - mostNames} more` : '';
      return `- slow start of cluster ${cluster} ends at once: ${list.join(', ')}${more} will have the full share, cold or not`;
    });
}

const phaseWords: Readonly<Record<Phase['phase'], string>> = { make: 'send', switch: 'switch', withdraw: 'withdraw', remove: 'after the drain delay remove' };

function phaseText({ phase, counts }: Phase): string {
  return `${phaseWords[phase]} ${Object.entries(counts)
    .map(([type, count]) => `${count} ${count === 1 ? type.slice(0, -1) : type}`)
    .join(', ')}`;
}

function names(word: string, list: readonly string[]): string {
  const shown = list.slice(0, mostNames).join(', ');
  return `${word}${list.length === 1 ? '' : 's'} ${shown}${list.length > mostNames ? ` and ${list.length - mostNames} more` : ''}`;
}
