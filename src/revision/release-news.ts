import type { Loss } from './fuse.ts';
import { holdsRevision, type Release, type Wipe } from './release.ts';

/** Something about a group that is worth a line in the log. */
export interface ReleaseNews {
  readonly type: 'switched' | 'gone' | 'held' | 'undone' | 'tried' | 'onward' | 'refused' | 'pinned' | 'unpinned';
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What one step of a group was about. */
export function releaseNews(before: Release, after: Release): readonly ReleaseNews[] {
  const news: ReleaseNews[] = [];
  const tell = (type: ReleaseNews['type'], level: ReleaseNews['level'], message: string, fields: ReleaseNews['fields'] = {}): void => {
    news.push({ type, level, message, fields });
  };
  const [old, next] = [before.served?.snapshot.revision, after.served?.snapshot.revision];
  const newest = after.newest?.snapshot.revision;
  if (before.rollout && !after.rollout && next === before.rollout.revision) tell('onward', 'info', 'a revision goes on to all Envoys', { revision: next });
  if (old !== next && next !== undefined) tell('switched', 'info', 'new revision', { revision: next, before: old });
  if (old !== undefined && next === undefined) tell('gone', 'info', 'group is gone, its Envoys keep what they have');
  if (isHolding(after.wipe) && !isHolding(before.wipe)) {
    tell('held', 'warn', `held: ${wipeWords(after.wipe)}`, { revision: newest });
  }
  if (isHolding(before.wipe) && !after.wipe && old === next && newest === next) tell('undone', 'info', 'nothing is held any more', { revision: next });
  if (after.rollout && after.rollout.nodes.size > 0 && (after.rollout.revision !== before.rollout?.revision || after.rollout.nodes !== before.rollout.nodes)) {
    tell('tried', 'info', 'a revision goes to a few Envoys first', { revision: after.rollout.revision, nodes: [...after.rollout.nodes] });
  }
  if (after.refusal && after.refusal !== before.refusal) {
    tell('refused', 'warn', 'a revision goes back from the Envoys that had it first', { revision: after.refusal.revision, reason: after.refusal.why });
  }
  if (after.pin && after.pin !== before.pin) tell('pinned', 'info', 'pinned', { revision: next, reason: after.pin.why });
  if (before.pin && !after.pin) tell('unpinned', 'info', 'unpinned', { revision: next });
  return news;
}

/** Whether a wipe keeps something back: while a group is pinned one is remembered in any case. */
export function isHolding<Known extends Pick<Wipe, 'loss' | 'emptied' | 'settlesAt'>>(wipe: Known | undefined): wipe is Known {
  return wipe !== undefined && (holdsRevision(wipe) || wipe.emptied.size > 0);
}

/** What a bulk change would take away, as one sentence without its full stop. */
export function wipeWords(wipe: Pick<Wipe, 'loss' | 'emptied' | 'settlesAt'>): string {
  const { loss, emptied } = wipe;
  const parts = [...(holdsRevision(wipe) ? lossWords(loss) : []), ...(emptied.size > 0 ? [`the endpoints of ${counted(emptied.size, 'cluster')}`] : [])];
  return `a bulk change takes away ${parts.join(', ')}`;
}

function lossWords({ listeners, routes, clusters }: Loss): readonly string[] {
  const found = Object.entries({ listeners, routes, clusters }).filter(([, { names }]) => names.length > 0);
  return found.length === 0 ? ['the whole group'] : found.map(([type, { names, of }]) => `${names.length} of ${of} ${type}`);
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
