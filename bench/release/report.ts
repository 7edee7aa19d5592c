import { table } from '../../src/cli/table.ts';
import { machineLine, versionsLine } from '../machine.ts';
import { quantile } from '../spread.ts';
import { faults } from './faults.ts';
import type { Measurement, Outcome, Pairs } from './measurement.ts';
import type { SubjectName } from './options.ts';

/** What readers know them by. */
export const titles: Readonly<Record<SubjectName, string>> = { sluice: 'Sluice', nginx: 'nginx', plain: 'go-control-plane' };

const head = [
  'FAULT',
  'TIMES',
  'SUBJECT',
  'SENT',
  'FAILED',
  'GET',
  'POST',
  'IN HAND',
  'UNREAD',
  'CROSSED',
  'TWICE',
  'CLOSED',
  'P50',
  'P99',
  'P99.9',
  'WORST',
  'AIM',
  '',
];

/** What is asked of Sluice in a fault, and whether it is so. */
interface Aim {
  readonly text: string;
  readonly met: boolean;
}

/** The report as text. */
export function report({ options, machine, versions, outcomes, pairs }: Measurement): string {
  const lines = [
    `${options.rate} requests a second, half of them POST; ${options.replacements} replacements, ${options.seconds} s at least; pool of ${options.backends.join(', ')}; subjects ${options.atOnce ? 'at the same time' : 'one after the other'}`,
    machineLine(machine),
    versionsLine(versions),
  ];
  if (outcomes.length > 0)
    lines.push(
      '',
      table(
        head,
        outcomes.map((outcome) => row(outcome, aimOf(outcome, outcomes))),
      ),
    );
  if (pairs.length > 0) lines.push('', table(['P99 WITH CHANGES / WITHOUT', 'MIDDLE', 'ALL', 'AIM', ''], pairs.map(pairsRow)));
  const why = outcomes.flatMap(({ fault, subject, reasons }) =>
    Object.entries(reasons).map(([reason, count]) => `${fault}, ${titles[subject]}: ${count} times ${reason}`),
  );
  if (why.length > 0) lines.push('', 'What failed:', ...why);
  return `${lines.join('\n')}\n`;
}

/** Sluice is judged, what it is compared with is not. Undefined: nothing is asked. */
function aimOf(outcome: Outcome, all: readonly Outcome[]): Aim | undefined {
  const fault = faults.find(({ name }) => name === outcome.fault);
  if (outcome.subject !== 'sluice' || !fault) return undefined;
  const { failed, duplicated, met, closed } = outcome;
  const { ending, timing } = fault;
  const isWithoutLoss = timing === 'announced' ? ending !== 'kill' : timing === 'late' && ending === 'graceful';
  if (isWithoutLoss) return { text: '0 failed, 0 twice', met: failed.get + failed.post + duplicated === 0 };
  if (timing === undefined && ending === 'graceful') return { text: '0 failed, 0 closed', met: failed.get + failed.post + duplicated + closed === 0 };
  const nginx = all.find((other) => other.fault === outcome.fault && other.subject === 'nginx');
  const most = Math.min(met.begun + (met.unread ?? 0), nginx ? nginx.failed.get + nginx.failed.post : Number.POSITIVE_INFINITY);
  return { text: '0 GET, 0 twice, POST: in hand, no more than nginx', met: failed.get + duplicated === 0 && failed.post <= most };
}

function row(outcome: Outcome, aim: Aim | undefined): readonly string[] {
  const { fault, subject, times, sent, failed, met, duplicated, closed, latencyMs } = outcome;
  const { begun, unread = '-', crossed = '-' } = met;
  const counts = [sent, failed.get + failed.post, failed.get, failed.post, begun, unread, crossed, duplicated, closed].map(String);
  const latencies = [latencyMs.p50, latencyMs.p99, latencyMs.p999, latencyMs.max].map((ms) => `${ms.toFixed(1)} ms`);
  return [fault, String(times), titles[subject], ...counts, ...latencies, ...verdict(aim)];
}

function pairsRow(pairs: Pairs): readonly string[] {
  const ratios = ratiosOf(pairs);
  const middle = quantile(ratios);
  const aim = pairs.subject === 'sluice' ? { text: 'at most 1.2', met: middle <= 1.2 } : undefined;
  return [titles[pairs.subject], middle.toFixed(2), ratios.map((ratio) => ratio.toFixed(2)).join(' '), ...verdict(aim)];
}

/** Of each pair. */
export function ratiosOf({ without, with: during }: Pairs): readonly number[] {
  return during.map(({ p99 }, index) => p99 / (without[index]?.p99 ?? Number.NaN));
}

const verdict = (aim: Aim | undefined): readonly [string, string] => (aim ? [aim.text, aim.met ? 'met' : 'NOT MET'] : ['', '']);
