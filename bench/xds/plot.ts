import { quantile } from '../spread.ts';
import { text } from '../svg.ts';
import { cpuEach, middle } from './figures.ts';
import type { Changed } from './load.ts';
import type { Measurement } from './measurement.ts';

interface Bar {
  readonly label: string;
  readonly value: number;
}

interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const width = 720;
const left = 190;
const right = 90;
const barHeight = 18;
const titleHeight = 34;

/** The figures that users compare servers by, as bars on logarithmic scales: a tenth of the width is a tenth of the decades. */
export function plot(measurement: Measurement): string {
  const { options, at } = measurement;
  let y = 30;
  const parts: string[] = [];
  for (const chart of charts(measurement)) {
    const drawn = draw(chart, y);
    parts.push(drawn.svg);
    y = drawn.bottom;
  }
  const head = `${options.nodes} nodes, ${options.clusters} clusters, ${at.slice(0, 10)}; logarithmic, shorter is better`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${y}" fill="#fff"/>`,
    text(10, 20, head),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function charts({ protocols, envoy }: Measurement): readonly Chart[] {
  const ofProtocols = Object.entries(protocols).flatMap(([protocol, { cold, changes }]): Chart[] => {
    const name = protocol === 'delta' ? 'Delta' : 'state of the world';
    const each = (of: (changed: Changed) => number): Bar[] => [
      { label: 'go-control-plane', value: of(changes.peer) },
      { label: 'Sluice', value: of(changes.sluice) },
      { label: 'bare sender, grpc-js', value: of(changes.nodeSender) },
      { label: 'bare sender, grpc-go', value: of(changes.goSender) },
    ];
    const pair = (of: (one: typeof cold.sluice) => number): Bar[] => [
      { label: 'go-control-plane', value: of(cold.peer) },
      { label: 'Sluice', value: of(cold.sluice) },
    ];
    return [
      { title: `${name}: one endpoint changes, until 99 % of the nodes have it`, unit: 'ms', bars: each((changed) => middle(changed, 'p99')) },
      { title: `${name}: processor time of the server for it`, unit: 's', bars: each(cpuEach) },
      { title: `${name}: cold start of all nodes`, unit: 's', bars: pair((one) => one.seconds) },
      { title: `${name}: memory then`, unit: 'MiB', bars: pair((one) => one.residentMiB) },
    ];
  });
  if (!envoy) return ofProtocols;
  const bars = [
    { label: 'go-control-plane', value: quantile(envoy.peer.timesMs) },
    { label: 'Sluice', value: quantile(envoy.sluice.timesMs) },
    { label: 'bare sender, grpc-go', value: quantile(envoy.goSender.timesMs) },
    { label: 'Envoy alone, by a file', value: quantile(envoy.alone.timesMs) },
  ];
  return [...ofProtocols, { title: 'One real Envoy: from the change to moved traffic, p50', unit: 'ms', bars }];
}

function draw({ title, unit, bars }: Chart, top: number): { readonly svg: string; readonly bottom: number } {
  const drawn = bars.filter(({ value }) => value > 0);
  const values = drawn.map(({ value }) => value);
  const least = Math.floor(Math.log10(Math.min(...values)) - 0.01);
  const most = Math.max(Math.ceil(Math.log10(Math.max(...values))), least + 1);
  const lengthOf = (value: number): number => ((Math.log10(value) - least) / (most - least)) * (width - left - right);
  const lines = [text(10, top + 22, title, 'start', 'font-weight="bold"')];
  for (const [index, { label, value }] of drawn.entries()) {
    const y = top + titleHeight + index * (barHeight + 4);
    const color = label === 'Sluice' ? '#0b6e99' : '#a9b4bd';
    lines.push(
      text(left - 8, y + 13, label, 'end'),
      `<rect x="${left}" y="${y}" width="${lengthOf(value).toFixed(1)}" height="${barHeight}" fill="${color}"/>`,
      text(left + lengthOf(value) + 6, y + 13, `${Number(value.toPrecision(3))} ${unit}`),
    );
  }
  return { svg: lines.join('\n'), bottom: top + titleHeight + drawn.length * (barHeight + 4) + 8 };
}
