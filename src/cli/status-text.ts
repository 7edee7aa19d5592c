import type { StatusAnswer } from '../admin/api/status.ts';
import type { NodeStatus, TypeState } from '../ads/stream/status.ts';
import { placeOf } from '../diagnostic.ts';
import type { ResourceType } from '../resource.ts';
import type { EndpointLag } from '../status/endpoint-lag.ts';
import { countsLine } from './diagnostic-lines.ts';
import { durationText } from './duration-text.ts';
import { originWords } from './origin-words.ts';
import { releaseText } from './release-text.ts';
import { threeNumbers } from './split-text.ts';
import { table } from './table.ts';
import type { Paint, Terminal } from './terminal.ts';

/** The columns of the types, by the names of their discovery services. */
const services = { listeners: 'LDS', routes: 'RDS', clusters: 'CDS', endpoints: 'EDS', secrets: 'SDS' } as const satisfies Record<ResourceType, string>;
const columns = Object.keys(services) as ResourceType[];

const paints = { ACKED: 'green', PENDING: 'yellow', WARMING: 'yellow', NACKED: 'red', UNREQUESTED: 'dim' } as const satisfies Record<TypeState, Paint>;

/** What `sluice status` prints for people. */
export function statusText(terminal: Terminal, answer: StatusAnswer): string {
  const parts = [
    answer.nodes.length === 0 ? 'no Envoy is connected; `sluice bootstrap` prints what one needs' : nodesTable(terminal, answer),
    ...answer.nodes.flatMap((node) => [waitingLine(terminal, node), nackLines(terminal, node, answer.now)]),
    table(
      ['SOURCE', 'READY', 'OBJECTS'],
      answer.sources.map(({ name, ready, objects, unread }) => [name, readyWord(terminal, ready, unread), String(objects)]),
    ),
    answer.endpointLag.map(lagLine).join('\n'),
    splitLines(answer),
    problemsLine(answer),
    readyLine(terminal, answer),
    answer.warmUps.map((one) => warmUpLine(terminal, one)).join('\n'),
    ...answer.releases.map((release) => releaseText(terminal, release, answer.now)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function readyWord(terminal: Terminal, ready: boolean, unread: readonly string[] | undefined): string {
  if (!ready) return terminal.paint('yellow', 'no');
  return unread ? terminal.paint('yellow', `without ${unread.join(', ')}`) : 'yes';
}

function nodesTable(terminal: Terminal, { nodes }: StatusAnswer): string {
  const head = ['NODE', 'GROUP', 'ENVOY', 'PROTOCOL', 'WANTED', 'ACKED', ...columns.map((type) => services[type]), 'LAG', 'LAST NACK'];
  const rows = nodes.map((node) => [
    node.id,
    node.group,
    node.agent.replace(/^envoy /, ''),
    node.only === undefined ? node.protocol : `${node.protocol} ${services[node.only]}`,
    node.revisionWanted ?? '-',
    node.revisionAcked ?? '-',
    ...columns.map((type) => stateText(terminal, node.types[type]?.state)),
    lagText(node),
    nackText(node),
  ]);
  return table(head, rows);
}

function stateText(terminal: Terminal, state: TypeState | undefined): string {
  return state === undefined || state === 'UNREQUESTED' ? terminal.paint('dim', '-') : terminal.paint(paints[state], state);
}

function lagText({ types }: NodeStatus): string {
  const lag = Math.max(0, ...Object.values(types).map(({ lagMs }) => lagMs));
  return lag === 0 ? '-' : durationText(lag);
}

/** The short form; the words of Envoy follow below the table. */
function nackText({ lastNack }: NodeStatus): string {
  if (!lastNack) return '-';
  const origin = lastNack.resources.flatMap(({ origins }) => origins)[0];
  return `${services[lastNack.type]}${origin ? ` ${placeOf(origin)}` : ''}`;
}

function waitingLine(terminal: Terminal, { id, reason }: NodeStatus): string {
  return reason === undefined ? '' : terminal.paint('yellow', `${id} waits: ${reason}`);
}

function nackLines(terminal: Terminal, { id, lastNack }: NodeStatus, now: number): string {
  if (!lastNack) return '';
  const { type, at, message, resources } = lastNack;
  const lines = resources.map(({ name, origins }) => {
    const places = origins.map(originWords);
    return `  ${name}${places.length === 0 ? '' : ` from ${places.join(', ')}`}`;
  });
  return [terminal.paint('red', `${id} refused ${type} ${durationText(Math.max(0, now - at))} ago: ${message}`), ...lines].join('\n');
}

/** What Sluice measured of itself, as advice to whoever writes the hooks of pods. */
function lagLine({ group, changes, p99Ms, maxMs, behind, waitSeconds, preStopSeconds }: EndpointLag): string {
  const lacking = behind === 0 ? '' : `; ${behind} of them ${behind === 1 ? 'lacks' : 'lack'} a change now`;
  const measured = `endpoints reach every Envoy of group ${group} within ${durationText(p99Ms)} (p99 of the last ${changes} changes; at most ${durationText(maxMs)}${lacking})`;
  return `${measured}: a preStop of at least ${preStopSeconds}s in Kubernetes, elsewhere ${waitSeconds}s between taking an endpoint away and ending it`;
}

/** What canaries and other splits get, each cluster in a line. */
function splitLines({ splits }: StatusAnswer): string {
  const { rows, more } = splits ?? { rows: [], more: 0 };
  const lines = rows.map((row) => {
    const backends = row.backends.map((backend) => `  ${backend.cluster}: ${threeNumbers(row, backend)}`);
    return [`${row.route} of group ${row.group}`, ...backends].join('\n');
  });
  return [...lines, ...(more > 0 ? [`${more} more splits; \`sluice get splits\` lists them`] : [])].join('\n');
}

function readyLine(terminal: Terminal, { ready, waitingFor, servesStored, now }: StatusAnswer): string {
  if (ready) return '';
  const waiting = `waiting for ${waitingFor.join(', ') || 'the first build'}`;
  if (!servesStored) return terminal.paint('yellow', `nothing is served yet, ${waiting}`);
  return terminal.paint(
    'yellow',
    `what was stored is served, its oldest revision came ${durationText(Math.max(0, now - servesStored.storedAt))} ago; ${waiting}`,
  );
}

function warmUpLine(terminal: Terminal, { name, young, endpoints, windowMs, isMostlyYoung, isIdle }: StatusAnswer['warmUps'][number]): string {
  const line = `${name}: ${young} of ${endpoints} endpoints are young, of a window of ${durationText(windowMs)}`;
  if (!isMostlyYoung) return `${line}${isIdle ? '; no route sends requests to them, so they do not warm up' : ''}`;
  return terminal.paint('yellow', `${line}; most are, so that ${young === endpoints ? 'nobody is' : 'they are hardly'} spared`);
}

function problemsLine({ diagnostics }: StatusAnswer): string {
  const line = countsLine(diagnostics);
  return diagnostics.error + diagnostics.warning + diagnostics.info === 0 ? line : `${line}; \`sluice lint\` lists them`;
}
