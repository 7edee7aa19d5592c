import { formatAddress } from '../address.ts';
import type { ExplainAnswer } from '../admin/api/explain.ts';
import type { Origin } from '../diagnostic.ts';
import type { ClientStep, Failure, ForwardOutcome, HeaderChange, NearMiss, Share, StickyStep } from '../explain/explanation.ts';
import type { SplitRow } from '../load/split-rows.ts';
import { durationText } from './duration-text.ts';
import { originWords } from './origin-words.ts';
import { settingLines } from './setting-lines.ts';
import { noteOf, threeNumbers } from './split-text.ts';
import type { Terminal } from './terminal.ts';

/** What `sluice explain` prints for people: one step a line, what belongs to it below, its origin at the end. */
export function explainText(terminal: Terminal, answer: ExplainAnswer): string {
  const { request, listener, client, virtualHost, route, filters } = answer;
  const name = (text: string): string => terminal.paint('bold', text);
  const from = (origins: readonly Origin[]): string => originText(terminal, origins);
  const lines = [
    `${request.method} ${request.scheme}://${request.host}${request.path}${request.query === undefined ? '' : `?${request.query}`}`,
    ...indented(1, request.writtenPath === undefined ? [] : [`written as ${request.writtenPath}, normalised`]),
    ...indented(1, request.droppedHeaders.length === 0 ? [] : [`headers dropped since they hold an underscore: ${request.droppedHeaders.join(', ')}`]),
  ];
  if (answer.isStored) lines.push(...indented(1, ['from what was stored, as a source stays away: where routes come from is not known']));
  if (request.isGrpc) lines.push(...indented(1, ['gRPC: what Envoy itself answers comes with HTTP status 200 and a grpc-status']));
  if (listener) {
    const tls = listener.certificates.length === 0 ? 'plain text' : `TLS by ${listener.certificates.join(', ')}`;
    const written = listener.writtenPort === listener.port ? '' : ` for port ${listener.writtenPort}`;
    const bound = formatAddress({ host: listener.address, port: listener.port });
    const place = listener.address === '' ? 'as gRPC clients dial it' : `on ${bound}${written}, chain ${listener.filterChain}, ${tls}`;
    lines.push(`listener      ${name(listener.name)} ${place}${from(listener.origins)}`);
  }
  if (client) lines.push(...clientLines(terminal, client));
  if (virtualHost) {
    lines.push(`virtual host  ${name(virtualHost.name)} by ${virtualHost.domain}, in ${virtualHost.routeConfiguration}${from(virtualHost.origins)}`);
  }
  if (route) {
    const before = route.triedBefore === 0 ? 'the first that is tried' : `after ${route.triedBefore} that do not fit`;
    lines.push(`route         ${name(route.name)}, ${before}${from(route.origins)}`, ...indented(7, route.conditions));
  }
  const used = filters.filter(({ state }) => state !== 'off').map(({ name: filter, state }) => (state === 'route' ? `${filter} (by the route)` : filter));
  if (used.length > 0) lines.push(`filters       ${used.join(', ')}`);
  return [...lines, ...outcomeLines(terminal, answer)].join('\n');
}

/** Whose address counts, and who says so. */
function clientLines(terminal: Terminal, { address, by, header = 'X-Forwarded-For', peer, overlooked }: ClientStep): readonly string[] {
  const says = by === 'peer' ? 'the connection' : by === 'proxy-protocol' ? 'the PROXY header' : header;
  const words = `${overlooked} is not seen: ${by === 'peer' ? `nothing that ${peer} says of it is believed` : `${says} leads to another one`}`;
  return [
    ...(peer === undefined ? [] : [`peer          ${peer}`]),
    `client        ${address}, as ${says} says: lists, limits and hashes look at it`,
    ...indented(7, overlooked === undefined ? [] : [terminal.paint('yellow', words)]),
  ];
}

function outcomeLines(terminal: Terminal, { outcome, nearMisses, split }: ExplainAnswer): readonly string[] {
  if (outcome.type === 'forward') return [...forwardLines(terminal, outcome, split), ...splitNote(terminal, split)];
  if (outcome.type === 'redirect') return [`redirect      ${outcome.status} to ${terminal.paint('bold', outcome.location)}`];
  if (outcome.type === 'refused') return [terminal.paint('red', `refused       ${outcome.reason}`)];
  if (outcome.reason === 'route') return [`answer        ${outcome.status}, as the route says${outcome.body === undefined ? '' : `: ${outcome.body}`}`];
  return [
    terminal.paint('red', `answer        ${outcome.status}: ${outcome.reason === 'no route' ? 'no route fits' : 'no virtual host has this host name'}`),
    ...nearMisses.flatMap((miss) => nearMissLines(terminal, miss)),
  ];
}

/** Why the shares are not measured. */
function splitNote(terminal: Terminal, split: SplitRow | undefined): readonly string[] {
  const note = split && noteOf(split);
  return note === undefined ? [] : [terminal.paint('yellow', note)];
}

function forwardLines(terminal: Terminal, outcome: ForwardOutcome, split: SplitRow | undefined): readonly string[] {
  const limits = [
    outcome.timeoutMs === 0 ? 'no limit for the request' : `${durationText(outcome.timeoutMs)} for the request`,
    ...(outcome.endsAtDeadline ? ["the caller's deadline"] : []),
    outcome.streamIdleMs === 0 ? 'silence without limit' : `${durationText(outcome.streamIdleMs)} of silence`,
    ...(outcome.perTryIdleMs === undefined ? [] : [`${durationText(outcome.perTryIdleMs)} of silence of a backend`]),
  ];
  const { retry } = outcome;
  return [
    ...(outcome.sticky ? [stickyLine(terminal, outcome.sticky)] : []),
    ...outcome.shares.flatMap((share) => shareLines(terminal, share, split)),
    ...outcome.mirrors.map(({ cluster, percent }) => `copy          ${share(percent)} to ${cluster}`),
    ...(outcome.newPath === undefined ? [] : [`new path      ${outcome.newPath}`]),
    ...(outcome.newHost === undefined ? [] : [`new host      ${outcome.newHost}`]),
    ...headerLines(outcome.headers).map((line, index) => `${index === 0 ? 'headers       ' : ' '.repeat(14)}${line}`),
    ...(outcome.told ?? []).map(({ name, value }, index) => `${index === 0 ? 'backend sees  ' : ' '.repeat(14)}${name}: ${value}`),
    `time limits   ${limits.join(', ')}`,
    `retries       ${retryText(retry)}`,
    ...settingLines(terminal, outcome.settings).map((line, index) => `${index === 0 ? 'settings      ' : ' '.repeat(14)}${line}`),
  ];
}

function retryText(retry: ForwardOutcome['retry']): string {
  if (!retry) return 'none';
  const idempotent = retry.onIdempotent ? `; GET, HEAD, OPTIONS, PUT, DELETE also on ${retry.onIdempotent.join(', ')}` : '';
  const each = retry.perTryTimeoutMs === undefined ? '' : `; ${durationText(retry.perTryTimeoutMs)} each`;
  return `up to ${retry.count} on ${retry.on.join(', ')}${idempotent}${each}`;
}

function stickyLine(terminal: Terminal, { by, value, place }: StickyStep): string {
  if (!place) return `sticky on     ${by}, which this request has not: drawn by weight`;
  return `sticky on     ${by} = ${value}: to ${terminal.paint('bold', place.cluster)}, by place ${place.place} of ${place.of}`;
}

/** Wanted, acknowledged and measured; nothing where no Envoy is asked. */
function numbersOf(split: SplitRow | undefined, cluster: string): readonly string[] {
  const backend = split?.backends.find((one) => one.cluster === cluster);
  return split && backend && split.envoys > 0 ? [threeNumbers(split, backend)] : [];
}

function shareLines(
  terminal: Terminal,
  { cluster, percent, newHost, headers, state, writtenPercent = 0, endpoints, settings, origins }: Share,
  split: SplitRow | undefined,
): readonly string[] {
  const host = newHost === undefined ? '' : `, as ${newHost}`;
  const line = `cluster       ${terminal.paint('bold', cluster)} ${share(percent)}${host}${originText(terminal, origins)}`;
  const head = [
    line,
    ...indented(7, numbersOf(split, cluster)),
    ...indented(7, origins.length > 1 ? [terminal.paint('dim', `made of ${origins.slice(1).map(originWords).join(', ')}`)] : []),
  ];
  if (state === 'unresolved') return [...head, ...indented(7, [terminal.paint('red', 'answered with 500: its reference leads to nothing')])];
  if (state === 'missing') return [...head, ...indented(7, [terminal.paint('red', 'answered with 500: this cluster is not served')])];
  if (state === 'idle') {
    const words = `no endpoint of it is ready: its ${share(writtenPercent)} go to the largest of the others until one is`;
    return [...head, ...indented(7, [terminal.paint('yellow', words)])];
  }
  const set = indented(7, settingLines(terminal, settings));
  if (endpoints.length === 0) return [...head, ...indented(7, [terminal.paint('red', 'answered with 503: it has no endpoint')]), ...set];
  const shown = endpoints.map(({ address, health, weight, zone }) => {
    const words = [
      address,
      health === 'healthy' ? health : terminal.paint('yellow', health),
      `weight ${weight}`,
      ...(zone === undefined ? [] : [`zone ${zone}`]),
    ];
    return words.join('  ');
  });
  const rest = shown.length - maxEndpoints;
  return [
    ...head,
    ...indented(7, headerLines(headers)),
    ...indented(7, shown.slice(0, maxEndpoints)),
    ...indented(7, rest > 0 ? [`and ${rest} more`] : []),
    ...set,
  ];
}

/** What is done to the headers of the request, then to those of the response; a line each where there is anything. */
function headerLines(changes: readonly HeaderChange[] = []): readonly string[] {
  return (['request', 'response'] as const).flatMap((of) => {
    const words = changes
      .filter((change) => change.of === of)
      .map(({ does, name, value }) => (value === undefined ? `${does} ${name}` : `${does} ${name}: ${value}`));
    return words.length > 0 ? [`${of}: ${words.join(', ')}`] : [];
  });
}

/** More of them say nothing that `sluice get endpoints` does not say better. */
const maxEndpoints = 10;

function nearMissLines(terminal: Terminal, { virtualHost, route, failures, origins }: NearMiss): readonly string[] {
  return [`near miss     ${terminal.paint('bold', route)} of ${virtualHost}${originText(terminal, origins)}`, ...indented(7, failures.map(failureText))];
}

function failureText({ wanted, got }: Failure): string {
  return got === undefined ? `needs ${wanted}, which is missing` : `needs ${wanted}, got ${got}`;
}

/** The first origin, in brackets. */
function originText(terminal: Terminal, [first]: readonly Origin[]): string {
  return first ? terminal.paint('dim', `  (${originWords(first)})`) : '';
}

function share(percent: number): string {
  return `${Number(percent.toFixed(1))}%`;
}

function indented(columns: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${'  '.repeat(columns)}${line}`);
}
