import { table } from '../../src/cli/table.ts';
import { machineLine, versionsLine } from '../machine.ts';
import { aimedSize, type Figure, figures } from './figures.ts';
import type { Measurement } from './measurement.ts';

const titles: Readonly<Record<Figure['part'], string>> = {
  delta: 'Delta',
  sotw: 'State of the world',
  envoy: 'One real Envoy (Delta)',
};

/** The report as text. */
export function report(measurement: Measurement): string {
  const { options, machine, versions, protocols, envoy } = measurement;
  const all = figures(measurement);
  const judged = all.filter(({ aim }) => aim !== undefined);
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
    const rows = all.filter((figure) => figure.part === part).map(row);
    if (rows.length > 0) lines.push('', titles[part], table(['', 'SLUICE', 'CONTROL', '', 'RATIO', 'AIM', ''], rows));
  }
  const met = judged.filter(({ aim }) => aim?.met).length;
  lines.push('', judged.length > 0 ? `${met} of ${judged.length} aims met` : `The aims are for ${aimedSize.nodes} nodes and ${aimedSize.clusters} clusters.`);
  return `${lines.join('\n')}\n`;
}

function row({ what, unit, sluice, control, ratio, aim }: Figure): readonly string[] {
  const own = withUnit(sluice, unit);
  if (!control || ratio === undefined) return [what, own, '', '', '', aim?.text ?? '', verdict(aim)];
  return [what, own, withUnit(control.value, unit), control.name, digits(ratio), aim?.text ?? '', verdict(aim)];
}

const verdict = (aim: Figure['aim']): string => (aim === undefined ? '' : aim.met ? 'met' : 'NOT MET');

const withUnit = (value: number, unit: string): string => `${digits(value)} ${unit}`.trim();

/** Three digits that count. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toPrecision(3);
}
