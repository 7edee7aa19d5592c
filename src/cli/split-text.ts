import type { SplitsAnswer } from '../admin/api/splits.ts';
import type { Latency } from '../load/latency-ledger.ts';
import type { AcknowledgedShare, MeasuredLoad, SplitBackendRow, SplitRow } from '../load/split-rows.ts';
import { durationText } from './duration-text.ts';
import { percent } from './get-text.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

const head = ['ROUTE', 'HOST', 'CLUSTER', 'WANTED', 'ACKNOWLEDGED', 'MEASURED', 'REQUESTS', 'ERRORS', 'P50', 'P95', 'P99'];

/** What `sluice get splits` prints for people: the three numbers of each cluster, then why one is missing. */
export function splitText(terminal: Terminal, { rows }: SplitsAnswer): string {
  if (rows.length === 0) return 'no splits';
  const lines = rows.flatMap((row) => row.backends.map((backend, index) => cellsOf(terminal, row, backend, index === 0)));
  const notes = rows.flatMap((row) => noteOf(row) ?? []);
  return [table(head, lines), ...[...new Set(notes)].map((note) => terminal.paint('yellow', note))].join('\n\n');
}

function cellsOf(terminal: Terminal, row: SplitRow, backend: SplitBackendRow, isFirst: boolean): readonly string[] {
  const { measured } = backend;
  return [
    isFirst ? row.route : '',
    isFirst ? row.virtualHosts.join(', ') : '',
    backend.cluster,
    backend.wanted === undefined ? terminal.paint('yellow', removedWords(row, backend)) : percent(backend.wanted),
    acknowledgedWords(backend, row.envoys),
    measuredShare(measured) ?? '-',
    measured ? requestWords(measured, row.overMs) : '-',
    measured && measured.requests > 0 ? percent(measured.errors / measured.requests) : '-',
    ...timesOf(measured?.latency),
  ];
}

function timesOf(latency: Latency | undefined): readonly string[] {
  return latency ? [latency.p50Ms, latency.p95Ms, latency.p99Ms].map(latencyText) : ['-', '-', '-'];
}

/** `3ms`, `1.2s`: two digits, as no histogram says more. */
function latencyText(milliseconds: number): string {
  const rounded = Number(milliseconds.toPrecision(2));
  return rounded < 1000 ? `${rounded}ms` : `${rounded / 1000}s`;
}

/** One cluster of a split in a line: `90% wanted, 90% acknowledged by 3 of 3, 89.7% measured over 60s (12331 requests, 0.1% errors)`. */
export function threeNumbers(row: SplitRow, backend: SplitBackendRow): string {
  const { measured } = backend;
  const wanted = backend.wanted === undefined ? removedWords(row, backend) : `${percent(backend.wanted)} wanted`;
  const acknowledged = backend.acknowledged.map((one) => `${shareWords(one)} acknowledged by ${one.envoys.length} of ${row.envoys}`);
  const counted = measured && row.overMs !== undefined ? ` over ${durationText(row.overMs)} (${loadWords(measured)})` : '';
  const part = measuredShare(measured);
  return [wanted, ...acknowledged, `${part === undefined ? 'not' : part} measured${counted && whoseRequests(row, measured)}${counted}`].join(', ');
}

/** Whose requests are counted, where it is not this route alone. */
function whoseRequests({ countedWith }: SplitRow, measured: MeasuredLoad | undefined): string {
  if (measured?.share === undefined) return ', requests of all routes there';
  return countedWith.length > 0 ? `, requests of ${countedWith.length + 1} routes that share out alike` : '';
}

/** `10%`; of what is not known exactly `at most 12%`, `at least 88%` or `11% to 34%`. */
function measuredShare(measured: MeasuredLoad | undefined): string | undefined {
  const { share, shareWithin: within } = measured ?? {};
  if (share !== undefined) return percent(share);
  if (!within) return undefined;
  if (within.atLeast === 0) return `at most ${percent(within.atMost)}`;
  return within.atMost === 1 ? `at least ${percent(within.atLeast)}` : `${percent(within.atLeast)} to ${percent(within.atMost)}`;
}

function loadWords({ requests, errors, latency }: MeasuredLoad): string {
  if (requests === 0) return 'no requests';
  const [p50, p95, p99] = timesOf(latency);
  return `${requests} requests, ${percent(errors / requests)} errors${latency ? `, p50 ${p50}, p95 ${p95}, p99 ${p99}` : ''}`;
}

function removedWords({ away }: SplitRow, { remainsAt = [] }: SplitBackendRow): string {
  return `removed, still at ${remainsAt.length}${away.length === 0 ? '' : ` and maybe at ${away.length} away`}`;
}

/** `90% by 2 of 3, 80% by envoy-2`: by name where few differ from most. */
function acknowledgedWords({ acknowledged }: SplitBackendRow, envoys: number): string {
  const words = acknowledged.map((one, index) => `${shareWords(one)} by ${index === 0 ? `${one.envoys.length} of ${envoys}` : namesOf(one.envoys)}`);
  return words.join(', ') || '-';
}

function shareWords({ share }: AcknowledgedShare): string {
  return share === undefined ? 'nothing' : percent(share);
}

/** More names than a line has room for. */
const mostNames = 3;

function namesOf(envoys: readonly string[]): string {
  const rest = envoys.length - mostNames;
  return `${envoys.slice(0, mostNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function requestWords({ requests }: MeasuredLoad, overMs: number | undefined): string {
  return overMs === undefined ? String(requests) : `${requests} in ${durationText(overMs)}`;
}

/** Why a share is not measured, who is not counted in it, and who may not have it. */
export function noteOf(row: SplitRow): string | undefined {
  const { route, away } = row;
  const gone = away.length === 0 ? undefined : `${route}: ${namesOf(away)} went before all had these shares, and may go on with others unless ended`;
  return [measuringNote(row), gone].filter((note) => note !== undefined).join('\n') || undefined;
}

function measuringNote({ group, route, envoys, reporting, unmeasured, backends, countedWith }: SplitRow): string | undefined {
  switch (unmeasured) {
    case 'noReports':
      return `nothing is measured in group ${group}: no Envoy of it reports its requests (bootstrap them with \`sluice bootstrap\`)`;
    case 'tooSoon':
      return `${route}: its shares changed a moment ago, and no report is about the time since then yet`;
    case 'noRequests':
      return `${route}: no requests`;
    case 'otherRoutes': {
      const shared = backends.filter(({ otherRoutes }) => otherRoutes.length > 0).map(({ cluster, otherRoutes }) => `${cluster} by ${otherRoutes.join(', ')}`);
      return `${route}: its shares are told as far as they follow from the requests of its clusters, as other routes use these too: ${shared.join('; ')}`;
    }
    case undefined:
      if (reporting.length < envoys) return `group ${group}: ${reporting.length} of ${envoys} Envoys report their requests, the others are not measured`;
      return countedWith.length > 0 ? `${route}: measured together with ${countedWith.join(', ')}, which share out alike` : undefined;
  }
}
