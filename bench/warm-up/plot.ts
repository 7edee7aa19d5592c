import { machineLine, versionsLine } from '../machine.ts';
import { smallLine, smallPrint, text } from '../svg.ts';
import { type Measurement, type Summary, summaries } from './report.ts';

const colors = { Off: '#b0413e', Envoy: '#c98a2b', Sluice: '#0b6e99' } as const;
const width = 760;
const left = 60;
const panelHeight = 200;

/** One value a second of each mode, as lines over the time. */
interface Panel {
  readonly title: string;
  readonly lines: readonly Summary[];
  readonly most: number;
  say(value: number): string;
  valuesOf(summary: Summary): readonly number[];
}

/** The share of the cold JVM and the p99 of all requests, second by second, of one balancer below the other; last, where and with what it was measured. */
export function plot(measurement: Measurement): string {
  const all = summaries(measurement);
  const { seconds, warm, balancers, modes } = measurement.options;
  const notes = [machineLine(measurement.machine), versionsLine(measurement.versions)];
  const mostShare = Math.max(...all.flatMap(({ shareEachSecond }) => shareEachSecond), 0.01);
  const mostMs = Math.max(...all.flatMap(({ p99EachSecondMs }) => p99EachSecondMs), 1);
  const panels = balancers.flatMap((balancer): readonly Panel[] => {
    const lines = all.filter((summary) => summary.balancer === balancer);
    return [
      {
        title: `${balancer}: share of the requests that the cold JVM answers; ${(100 / (warm + 1)).toFixed(0)}% is its full one`,
        lines,
        most: mostShare,
        say: (value) => `${(value * 100).toFixed(0)}%`,
        valuesOf: ({ shareEachSecond }) => shareEachSecond,
      },
      {
        title: `${balancer}: p99 of all requests in each second, milliseconds`,
        lines,
        most: mostMs,
        say: (value) => value.toFixed(0),
        valuesOf: ({ p99EachSecondMs }) => p99EachSecondMs,
      },
    ];
  });
  const below = 40 + panels.length * (panelHeight + 60);
  const height = below + notes.length * smallLine;
  const x = (second: number): number => left + (second / Math.max(1, seconds - 1)) * (width - left - 20);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    '<title>What a cold JVM costs: its share of the requests, and the p99 of all</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...modes.map((mode, index) => text(left + index * 120, 20, `slow start: ${mode}`, 'start', `fill="${colors[mode]}" font-weight="bold"`)),
    ...panels.flatMap((panel, index) => drawn(panel, 60 + index * (panelHeight + 60), seconds, x)),
    smallPrint(10, below, notes),
    '</svg>\n',
  ].join('\n');
}

function drawn({ title, lines, most, say, valuesOf }: Panel, top: number, seconds: number, x: (second: number) => number): readonly string[] {
  const bottom = top + panelHeight;
  const y = (value: number): number => bottom - (value / most) * panelHeight;
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * most);
  return [
    text(left, top - 8, title),
    ...marks.flatMap((value) => [
      `<line x1="${left}" x2="${width - 20}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#ddd"/>`,
      text(left - 6, y(value) + 4, say(value), 'end'),
    ]),
    ...Array.from({ length: Math.ceil(seconds / 5) }, (_, index) => text(x(index * 5), bottom + 14, `${index * 5} s`)),
    ...lines.map((summary) => {
      const points = valuesOf(summary).map((value, second) => `${x(second).toFixed(1)},${y(value).toFixed(1)}`);
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${colors[summary.mode]}" stroke-width="2"/>`;
    }),
  ];
}
