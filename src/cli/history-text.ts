import type { HistoryAnswer } from '../admin/api/history.ts';
import { placeOf } from '../diagnostic.ts';
import type { ListedRevision } from '../revision/history.ts';
import { durationText } from './duration-text.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What `sluice history` prints for people. @param now milliseconds since 1970. */
export function historyText(terminal: Terminal, { group, served, revisions }: HistoryAnswer, now: number): string {
  const rows = revisions.map((one) => [
    one.revision === served ? terminal.paint('green', '*') : '',
    one.revision,
    timeText(one, now),
    ...(['listeners', 'routes', 'clusters', 'secrets'] as const).map((type) => String(one.counts[type])),
    one.hasContent ? '' : terminal.paint('yellow', 'content is gone'),
    causeText(one),
  ]);
  return [
    `group ${terminal.paint('bold', group)}${served === undefined ? ', which is gone' : `, served * ${served}`}`,
    table(['', 'REVISION', 'BUILT', 'LISTENERS', 'ROUTES', 'CLUSTERS', 'SECRETS', 'NOTE', 'CAUSE'], rows),
  ].join('\n');
}

/** Below this it is one build: it is kept a moment after it is made. */
const sameBuildMs = 1000;

function timeText({ at, lastAt }: ListedRevision, now: number): string {
  const again = lastAt >= at + sameBuildMs ? `, again ${durationText(Math.max(0, now - lastAt))} ago` : '';
  return `${durationText(Math.max(0, now - at))} ago${again}`;
}

function causeText({ cause, moreCauses }: ListedRevision): string {
  const [first, ...others] = cause;
  if (!first) return '-';
  const place = first.at?.file === undefined ? '' : ` (${placeOf(first.at)})`;
  const more = others.length + moreCauses;
  return `${first.object} ${first.change}${place}${more === 0 ? '' : ` +${more}`}`;
}
