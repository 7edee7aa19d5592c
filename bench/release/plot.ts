import { machineLine, versionsLine } from '../machine.ts';
import { quantile } from '../spread.ts';
import { smallLine, smallPrint, text } from '../svg.ts';
import type { Measurement, Outcome } from './measurement.ts';
import { ratiosOf, titles } from './report.ts';

const width = 860;
const left = 200;
const barHeight = 11;
const colors = { sluice: '#0b6e99', nginx: '#4b9b5f', plain: '#c98a2b' } as const;

/** Where its bars begin and how long they can be. */
interface Column {
  readonly title: string;
  readonly at: number;
  readonly length: number;
  /** Those of which less is seen are left out. */
  readonly least: number;
  readonly most: number;
  figureOf(outcome: Outcome): number;
  say(value: number, outcome: Outcome): string;
}

/** What failed in each fault, and the p99 of what did not, as bars on logarithmic scales; below, where and with what it was measured. */
export function plot(measurement: Measurement): string {
  const { options, machine, versions, outcomes, pairs } = measurement;
  const slowest = Math.max(100, ...outcomes.map(({ latencyMs }) => latencyMs.p99));
  const columns: readonly Column[] = [
    {
      title: 'failed of 100,000',
      at: left,
      length: 240,
      least: 1,
      most: 100_000,
      figureOf: (outcome) => (failedOf(outcome) / outcome.sent) * 100_000,
      say: (value, outcome) => `${value.toFixed(0)}${failedOf(outcome) > 0 ? ` (${failedOf(outcome)})` : ''}`,
    },
    {
      title: 'p99, milliseconds',
      at: left + 340,
      length: 240,
      least: 5,
      most: slowest,
      figureOf: ({ latencyMs }) => latencyMs.p99,
      say: (value) => value.toFixed(0),
    },
  ];
  let y = 64;
  const parts = [
    text(10, 20, `${options.rate} requests a second, half of them POST, ${options.replacements} replacements; logarithmic, shorter is better`),
    ...options.subjects.map((subject, index) => legend(10 + index * 150, subject)),
    ...columns.map(({ at, title }) => text(at, 56, title, 'start', 'font-weight="bold"')),
  ];
  for (const fault of options.faults) {
    const rows = outcomes.filter((outcome) => outcome.fault === fault);
    if (rows.length === 0) continue;
    parts.push(text(left - 8, y + barHeight, fault, 'end'));
    for (const outcome of rows) {
      parts.push(...columns.map((column) => bar(column, outcome, y)));
      y += barHeight + 2;
    }
    y += 8;
  }
  for (const pair of pairs) {
    parts.push(text(10, y + barHeight, `p99 with changes to p99 without, ${titles[pair.subject]}: ${quantile(ratiosOf(pair)).toFixed(2)}`));
    y += barHeight + 6;
  }
  const notes = [machineLine(machine), versionsLine(versions)];
  parts.push(smallPrint(10, y + barHeight, notes));
  const height = y + 8 + notes.length * smallLine;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function bar({ at, length, least, most, figureOf, say }: Column, outcome: Outcome, y: number): string {
  const value = figureOf(outcome);
  const drawn = value <= least ? 0 : (Math.log(value / least) / Math.log(most / least)) * length;
  return [
    `<rect x="${at}" y="${y}" width="${Math.max(1, drawn).toFixed(1)}" height="${barHeight}" fill="${colors[outcome.subject]}"/>`,
    text(at + drawn + 4, y + barHeight - 1, say(value, outcome)),
  ].join('\n');
}

function legend(x: number, subject: keyof typeof colors): string {
  return `<rect x="${x}" y="28" width="10" height="10" fill="${colors[subject]}"/>\n${text(x + 14, 37, titles[subject])}`;
}

const failedOf = ({ failed }: Outcome): number => failed.get + failed.post;
