import { table } from '../../src/cli/table.ts';
import { figureHead, figureRow, metLine } from '../figure.ts';
import { machineLine, versionsLine } from '../machine.ts';
import { countOf, type Requests } from './cluster.ts';
import { aimedSize, figures, type KubernetesFigure } from './figures.ts';
import type { Measurement } from './measurement.ts';

/** In the order of the report; those after `watch` write. */
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** The report as text. */
export function report(measurement: Measurement): string {
  const { options, machine, versions, first, status, endpoints, routes, at } = measurement;
  const titles: Readonly<Record<KubernetesFigure['part'], string>> = {
    first: 'The first snapshot',
    status: 'The status of objects, once an Envoy has all of it',
    endpoints: `Endpoints: ${options.rate} slices a second, for ${options.seconds} s, to one real Envoy`,
    routes: `Routes: one HTTPRoute more in a table of ${options.table} (${((routes?.tableBytes ?? 0) / 1024).toFixed(0)} KiB), ${options.rounds} times`,
  };
  const lines = [
    `${options.services} Services, ${options.services * options.endpoints} endpoints, ${options.ingresses} Ingresses, ${options.routes} HTTPRoutes; ${at}`,
    machineLine(machine),
    versionsLine(versions),
  ];
  const all = figures(measurement);
  for (const part of ['first', 'status', 'endpoints', 'routes'] as const) {
    const rows = all.filter((figure) => figure.part === part).map(figureRow);
    if (rows.length > 0) lines.push('', titles[part], table(figureHead, rows));
  }
  const asked: readonly (readonly [string, Requests])[] = [
    ['until ready', first.requests],
    ['until all status is written', status.requests],
    ['while endpoints changed', endpoints.requests],
    ...(routes ? ([['while routes came and went', routes.requests]] as const) : []),
  ];
  lines.push(
    '',
    'Requests to the API server',
    table(
      ['WHEN', ...verbs.map((verb) => verb.toUpperCase())],
      asked.map(([when, requests]) => [when, ...verbs.map((verb) => String(countOf(requests, [verb])))]),
    ),
  );
  const sizes = Object.entries(aimedSize).map(([name, least]) => `--${name} ${least}`);
  lines.push('', metLine(all) ?? `The aims are for ${sizes.join(', ')}.`);
  return `${lines.join('\n')}\n`;
}
