import { type Origin, placeOf } from '../diagnostic.ts';
import type { Finding } from '../migrate/finding.ts';
import { isProblem, type Level, levels } from '../migrate/level.ts';
import type { MigrationReport } from '../migrate/report.ts';
import { table } from './table.ts';
import type { Paint, Terminal } from './terminal.ts';

const paints: Readonly<Record<Level, Paint>> = { exact: 'green', inert: 'dim', near: 'yellow', adapted: 'yellow', unsupported: 'red', dangerous: 'red' };

/** The report for a person: a line for each Ingress, then what changes in each, then the totals. What is exact is told by its count alone. */
export function reportText({ ingresses, settings, totals }: MigrationReport, terminal: Terminal): string {
  const painted = (level: Level): string => terminal.paint(paints[level], level);
  const rows = ingresses.map(({ namespace, name, origin, verdict, findings }) => {
    const counts = levels.toReversed().map((level) => ({ level, count: findings.filter((one) => one.level === level).length }));
    const told = counts.filter(({ count }) => count > 0).map(({ level, count }) => `${count} ${level}`);
    return [`${namespace}/${name}`, painted(verdict), told.join(', '), placeOf(origin)];
  });
  const details = ingresses
    .filter(({ findings }) => findings.some(({ level }) => level !== 'exact'))
    .map(({ namespace, name, findings }) => {
      const lines = findings.filter(({ level }) => level !== 'exact').flatMap((finding) => findingLines(finding.annotation, finding, painted));
      return [terminal.paint('bold', `Ingress ${namespace}/${name}`), ...lines].join('\n');
    });
  const changed = settings.filter(({ level }) => level !== 'exact');
  const settingLines = changed.flatMap((finding) => findingLines(finding.key, finding, painted));
  return [
    ...(rows.length > 0 ? [table(['INGRESS', 'VERDICT', 'FINDINGS', 'WHERE'], rows)] : []),
    ...details,
    ...(changed.length > 0 ? [[terminal.paint('bold', 'Settings of the controller'), ...settingLines].join('\n')] : []),
    totalsLines(totals, ingresses.length),
  ].join('\n\n');
}

function findingLines(
  subject: string | null,
  { level, message, example, remedy, at }: Finding & { readonly at: Origin },
  painted: (level: Level) => string,
): readonly string[] {
  return [
    `  ${painted(level)} ${subject === null ? '' : `${subject}: `}${message}`,
    ...(example === undefined ? [] : [`    example: ${example}`]),
    ...(remedy === undefined ? [] : [`    remedy: ${remedy}`]),
    ...(placeOf(at) === '' ? [] : [`    at: ${placeOf(at)}`]),
  ];
}

function totalsLines({ ingresses, settings, dropped }: MigrationReport['totals'], all: number): string {
  const counts = (of: Readonly<Record<Level, number>>): string => levels.map((level) => `${of[level]} ${level}`).join(', ');
  const problems = levels.filter(isProblem).reduce((sum, level) => sum + ingresses[level] + settings[level], 0);
  return [
    `${all} ${all === 1 ? 'Ingress' : 'Ingresses'}: ${counts(ingresses)}; ${dropped} of them served nothing until now.`,
    `Settings: ${counts(settings)}.`,
    problems === 0 ? 'Nothing stands in the way.' : `${problems} of these need a decision before the move.`,
  ].join('\n');
}
