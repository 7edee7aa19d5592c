import { table } from '../../src/cli/table.ts';
import { machineLine, versionsLine } from '../machine.ts';
import { quantile } from '../spread.ts';
import { type Aim, aimOf, verdict } from './aim.ts';
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
  'CUT',
  'POST',
  'BEGUN',
  'UNREAD',
  'CROSSED',
  'UNSENT',
  'TWICE',
  'CLOSED',
  'P50',
  'P99',
  'P99.9',
  'WORST',
  'AIM',
  '',
];

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

function row(outcome: Outcome, aim: Aim | undefined): readonly string[] {
  const { fault, subject, times, sent, failed, cut, met, duplicated, closed, latencyMs } = outcome;
  const { begun, unread = '-', crossed = '-', unsent = '-' } = met;
  const counts = [sent, failed.get + failed.post, failed.get, cut, failed.post, begun, unread, crossed, unsent, duplicated, closed].map(String);
  const latencies = [latencyMs.p50, latencyMs.p99, latencyMs.p999, latencyMs.max].map((ms) => `${ms.toFixed(1)} ms`);
  return [fault, String(times), titles[subject], ...counts, ...latencies, ...wordsOf(aim)];
}

function pairsRow(pairs: Pairs): readonly string[] {
  const ratios = ratiosOf(pairs);
  const middle = quantile(ratios);
  const aim = pairs.subject === 'sluice' ? { text: 'at most 1.2', verdict: verdict(middle <= 1.2) } : undefined;
  return [titles[pairs.subject], middle.toFixed(2), ratios.map((ratio) => ratio.toFixed(2)).join(' '), ...wordsOf(aim)];
}

/** Of each pair. */
export function ratiosOf({ without, with: during }: Pairs): readonly number[] {
  return during.map(({ p99 }, index) => p99 / (without[index]?.p99 ?? Number.NaN));
}

const wordsOf = (aim: Aim | undefined): readonly [string, string] => (aim ? [aim.text, aim.verdict] : ['', '']);
