import type { ReleaseStatus } from '../revision/release-status.ts';
import { durationText } from './duration-text.ts';
import { originWords } from './origin-words.ts';
import type { Terminal } from './terminal.ts';

/** More names are counted, not printed. */
const mostNames = 5;

/** What of a group waits, is pinned, or is tried on a few Envoys, and what may be done about it; `''` where nothing is. @param now milliseconds since 1970. */
export function releaseText(terminal: Terminal, status: ReleaseStatus, now: number): string {
  return [heldText(terminal, status, now), pinText(terminal, status, now), rolloutText(terminal, status, now)].filter((text) => text !== '').join('\n');
}

function heldText(terminal: Terminal, { group, newest, held, pin }: ReleaseStatus, now: number): string {
  if (!held || held.reason === 'pin') return '';
  const what = newest === undefined ? `that group ${group} goes away` : `revision ${newest} of group ${group}`;
  const byItself = held.goesOutAt === undefined ? 'until something newer is built' : `goes out in ${durationText(Math.max(0, held.goesOutAt - now))}`;
  const time = pin ? 'while the group is pinned' : byItself;
  const believed = (held.kept?.endpoints.count ?? 0) > 0 ? [`  sluice confirm ${group} takes these endpoints away; all else waits for sluice unpin`] : [];
  const lines = [
    terminal.paint('yellow', `held for ${durationText(Math.max(0, now - held.since))}, ${time}: ${what}`),
    `  why: ${held.why}`,
    ...keptLines(held.kept),
    ...(pin ? believed : [`  sluice confirm ${group} lets it out${held.goesOutAt === undefined ? '' : `, sluice discard ${group} keeps it back`}`]),
  ];
  return lines.join('\n');
}

function keptLines(kept: NonNullable<ReleaseStatus['held']>['kept']): readonly string[] {
  if (!kept) return [];
  const { listeners, routes, clusters, endpoints } = kept;
  const names = Object.entries({ listeners, routes, clusters, 'endpoints of': endpoints }).filter(([, { count }]) => count > 0);
  const objects = kept.objects.map(originWords);
  return [
    ...names.map(([type, { names: some, count }]) => `  still served: ${type} ${listed(some, count)}`),
    ...(objects.length === 0 ? [] : [`  gone: ${listed(objects, kept.objects.length + kept.moreObjects)}`]),
  ];
}

function pinText(terminal: Terminal, { group, served, newest, held, pin }: ReleaseStatus, now: number): string {
  if (!pin) return '';
  const line = terminal.paint('yellow', `pinned for ${durationText(Math.max(0, now - pin.since))}: group ${group} stays at revision ${served} (${pin.why})`);
  const after = held?.reason === 'bulk' ? 'ends that; the bulk change is then held for its time, or until sluice confirm' : afterPin(newest, served);
  return `${line}\n  sluice unpin ${group} ${after}`;
}

function afterPin(newest: string | undefined, served: string | undefined): string {
  if (newest === undefined) return 'lets the group go, as nothing asks for it any more';
  return newest === served ? 'follows the objects again' : `goes on with ${newest}, which is held`;
}

function rolloutText(terminal: Terminal, { group, rollout }: ReleaseStatus, now: number): string {
  if (!rollout) return '';
  const { revision, nodes, goesOnAt } = rollout;
  if (nodes.length === 0) return terminal.paint('yellow', `revision ${revision} of group ${group} waits for Envoys to try it on`);
  const time = goesOnAt === undefined ? '' : `, goes to all in ${durationText(Math.max(0, goesOnAt - now))} unless they refuse it`;
  const line = terminal.paint('yellow', `tried: revision ${revision} of group ${group} on ${listed(nodes, nodes.length)}${time}`);
  return `${line}\n  sluice confirm ${group} gives it to all now, sluice discard ${group} takes it back`;
}

function listed(names: readonly string[], count: number): string {
  const shown = names.slice(0, mostNames);
  return `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`;
}
