import { table } from '../../src/cli/table.ts';
import { figureHead, figureRow, metLine } from '../figure.ts';
import { machineLine, versionsLine } from '../machine.ts';
import { aimedSize, figures, type XdsFigure } from './figures.ts';
import type { Measurement } from './measurement.ts';

const titles: Readonly<Record<XdsFigure['part'], string>> = {
  delta: 'Delta',
  sotw: 'State of the world',
  envoy: 'One real Envoy (Delta)',
};

/** The report as text. */
export function report(measurement: Measurement): string {
  const { options, machine, versions, protocols, envoy } = measurement;
  const all = figures(measurement);
  const lines = [
    `${options.nodes} nodes, ${options.clusters} clusters with 10 endpoints each, one endpoint changes; ${measurement.at}`,
    machineLine(machine),
    versionsLine({ ...versions, ...(envoy && { Envoy: envoy.version }) }),
  ];
  for (const [protocol, { config }] of Object.entries(protocols)) {
    const { settings, xds, history } = config;
    const kept = history ? `${history.revisions} in the history, kept in ${history.place === 'memory' ? 'memory' : 'a folder'}` : 'none';
    lines.push(`${protocol}: revisions: ${kept}; settings in force: ${JSON.stringify({ ...settings, xds })}`);
  }
  for (const part of ['delta', 'sotw', 'envoy'] as const) {
    const rows = all.filter((figure) => figure.part === part).map(figureRow);
    if (rows.length > 0) lines.push('', titles[part], table(figureHead, rows));
  }
  lines.push('', metLine(all) ?? `The aims are for ${aimedSize.nodes} nodes and ${aimedSize.clusters} clusters.`);
  return `${lines.join('\n')}\n`;
}
