import { quantile } from '../spread.ts';
import { text } from '../svg.ts';
import type { Measurement } from './measurement.ts';

/** Times that are parts of one, drawn one after the other. */
interface Bar {
  readonly label: string;
  /** In milliseconds. */
  readonly parts: readonly { readonly of: keyof typeof colors; readonly ms: number }[];
}

const colors = { 'API server': '#a9b4bd', Sluice: '#0b6e99', Envoy: '#c98a2b' } as const;
const width = 720;
const left = 150;
const right = 80;
const barHeight = 18;

/** Where the time goes of an endpoint and of a route: the middle of each part. */
export function plot({ options, endpoints, routes, at }: Measurement): string {
  const of = <Times>(each: readonly Times[], part: (times: Times) => number, share = 0.5): number => Math.max(0, quantile(each.map(part), share));
  const bars: readonly Bar[] = [
    {
      label: 'endpoint to ACK, p50',
      parts: [
        { of: 'API server', ms: of(endpoints.each, (one) => one.apiServer) },
        { of: 'Sluice', ms: of(endpoints.each, (one) => one.sluice) },
        { of: 'Envoy', ms: of(endpoints.each, (one) => one.envoy) },
      ],
    },
    ...(routes
      ? ([
          {
            label: 'route to 200, p50',
            parts: [
              { of: 'API server', ms: of(routes.each, (one) => one.apiServer) },
              { of: 'Sluice', ms: of(routes.each, (one) => one.sluice) },
              { of: 'Envoy', ms: of(routes.each, (one) => one.envoy) },
            ],
          },
          { label: 'Envoy alone', parts: [{ of: 'Envoy', ms: of(routes.alone, (ms) => ms) }] },
        ] as const satisfies readonly Bar[])
      : []),
  ];
  const most = Math.max(...bars.map(totalOf), 1);
  const height = 60 + bars.length * (barHeight + 8);
  const scale = (ms: number): number => (ms / most) * (width - left - right);
  const head = `${options.services} Services, ${options.ingresses} Ingresses, ${options.routes} HTTPRoutes; a table of ${options.table} routes; ${at.slice(0, 10)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(10, 20, head),
    ...Object.entries(colors).map(([name, color], index) => text(left + index * 110, 42, name, 'start', `fill="${color}" font-weight="bold"`)),
    ...bars.flatMap((bar, index) => drawn(bar, 52 + index * (barHeight + 8), scale)),
    '</svg>\n',
  ].join('\n');
}

const totalOf = ({ parts }: Bar): number => parts.reduce((sum, { ms }) => sum + ms, 0);

function drawn(bar: Bar, y: number, scale: (ms: number) => number): readonly string[] {
  let x = left;
  const rects = bar.parts.map(({ of, ms }) => {
    const rect = `<rect x="${x.toFixed(1)}" y="${y}" width="${scale(ms).toFixed(1)}" height="${barHeight}" fill="${colors[of]}"/>`;
    x += scale(ms);
    return rect;
  });
  return [text(left - 8, y + 13, bar.label, 'end'), ...rects, text(x + 6, y + 13, `${totalOf(bar).toFixed(1)} ms`)];
}
